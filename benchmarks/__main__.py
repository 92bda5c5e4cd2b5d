"""Run the benchmarks that are named (all of them by default) and print their tables as Markdown."""

import sys
from collections.abc import Sequence
from importlib import import_module

from benchmarks.measuring import machine
from scripts.fairlead import quiet

# By name, imported when run: the processes that `ledger` measures import this module too, and not everything with it.
BENCHMARKS = (
    "router",
    "deciding",
    "due",
    "ledger",
    "sweep",
    "backlog",
    "webhooks",
    "daemon",
    "memory",
    "match",
    "evidence",
)


def main(names: Sequence[str]) -> int:
    """0 when all ran; 2 for a name that is none."""
    if unknown := [name for name in names if name not in BENCHMARKS]:
        sys.stderr.write(f"there is no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}\n")
        return 2
    quiet()
    sys.stdout.write(machine() + "\n")
    for name in names or BENCHMARKS:
        sys.stdout.write(f"\n{import_module(f'benchmarks.{name}').run()}\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
