"""python -m sandbox: a Salesforce and a HubSpot on one port of this machine."""

import argparse
import errno
import os
import sys
from datetime import UTC, datetime
from random import Random

from sandbox.app import application
from sandbox.clock import BusinessClock, start_and_speed
from sandbox.faults import Faults
from sandbox.server import serve
from sandbox.store import Store
from sandbox.world import World

GIVES_WAY = 5
"""How much nicer this process is to the others. The machines that it stands for are elsewhere."""


def main(words: list[str] | None = None) -> int:
    """0 when it was told to end, 1 when the port or the file cannot be had, 2 on wrong usage."""
    options = _parser().parse_args(words)
    os.nice(GIVES_WAY)
    start, speed = options.clock or (datetime.now(UTC), 1.0)
    try:
        store = Store(options.db)
        chance = Random(options.seed)  # noqa: S311  (nothing here is secret)
        world = World(
            BusinessClock(start, speed), store, chance, Faults(options.seed), hubspot_2027=options.hubspot_2027
        )
        serve(application(world), options.host, options.port, options.until_stdin_closes)
    except KeyboardInterrupt:
        return 0
    except (OSError, ValueError, OverflowError) as problem:
        if isinstance(problem, OSError) and problem.errno == errno.EADDRINUSE:
            why = f"port {options.port} is in use by another program: end it, or choose another with --port (0: any)"
        else:
            why = f"the sandbox cannot start on {options.host}:{options.port} with {options.db}: {problem}"
        sys.stderr.write(f"Error: {why}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one and says which")
    parser.add_argument("--db", default=":memory:", help="SQLite file for the records (default: in memory)")
    parser.add_argument("--seed", type=int, default=0, help="of everything that looks random")
    parser.add_argument(
        "--clock", type=_clock_of_words, metavar="START,SPEED", help="business time, such as 2026-06-01T09:00Z,60"
    )
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="end when the process that started it is gone"
    )
    parser.add_argument(
        "--hubspot-2027",
        action="store_true",
        help="HubSpot's classic paths (v1 to v4) are off, as they will be in 2027",
    )
    return parser


def _clock_of_words(text: str) -> tuple[datetime, float]:
    try:
        return start_and_speed(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from problem


if __name__ == "__main__":
    sys.exit(main())
