"""The core takes values and returns decisions: no clock, no chance, no environment. What depends on nothing
but its arguments can be replayed."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CORE = [path for package in ("domain", "router", "sla_monitor") for path in sorted((ROOT / package).rglob("*.py"))]
CLOCKS = {"now", "utcnow", "today", "time_ns", "monotonic", "perf_counter"}
FORBIDDEN_MODULES = {"random", "secrets", "uuid", "os", "time", "logging"}


def impurities(tree: ast.Module) -> Iterator[str]:
    """Each place that reads a clock, draws by chance, or looks at the environment, as `line: what`."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names) if any(name.name.split(".")[0] in FORBIDDEN_MODULES for name in names):
                yield f"{node.lineno}: imports {', '.join(name.name for name in names)}"
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in FORBIDDEN_MODULES:
                yield f"{node.lineno}: imports from {module}"
            case ast.Call(func=ast.Attribute(attr=called)) if called in CLOCKS:
                yield f"{node.lineno}: calls {called}()"


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_core_reads_no_clock_draws_no_lots_and_sees_no_environment(path: Path) -> None:
    assert list(impurities(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "code",
    [
        "datetime.now(UTC)",
        "datetime.utcnow()",
        "date.today()",
        "import time; time.time()",
        "from time import time",
        "import random",
        "from os import environ",
        "import os.path",
        "def later():\n    import secrets",
    ],
)
def test_an_impurity_is_found(code: str) -> None:
    assert list(impurities(ast.parse(code)))


def test_the_core_is_looked_at() -> None:
    assert {path.parent.name for path in CORE} >= {"domain", "router", "sla_monitor"}
