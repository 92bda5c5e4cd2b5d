"""The lines between the packages hold, and the check that says so notices when one is crossed."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGES = (
    "domain",
    "router",
    "sla_monitor",
    "playbook",
    "connectors",
    "ledger",
    "runtime",
    "sandbox",
    "scripts",
)
LINT = (str(Path(sys.executable).with_name("lint-imports")), "--no-cache")


def lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Check the import contracts of a copy of the project, or of the project itself."""
    return subprocess.run(LINT, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The code of the project and its contracts, to be spoilt."""
    for package in PACKAGES:
        shutil.copytree(REPOSITORY / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "setup.cfg", tmp_path)
    return tmp_path


def spoil(folder: Path, module: str, line: str) -> None:
    """Add an import to a module of the copy."""
    path = folder / module
    path.write_text(f"{path.read_text('utf-8')}\n{line}\n", "utf-8")


def test_every_import_contract_holds() -> None:
    checked = lint(REPOSITORY)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("module", "line", "complaint"),
    [
        pytest.param("router/rules.py", "import requests", "router is not allowed to import requests", id="network"),
        pytest.param("sla_monitor/policy.py", "import time", "sla_monitor is not allowed to import time", id="clock"),
        pytest.param("domain/leads.py", "import random", "domain is not allowed to import random", id="randomness"),
        pytest.param(
            "router/rules.py", "import sla_monitor.clock", "router is not allowed to import sla_mon", id="cores"
        ),
        pytest.param(
            "ledger/store.py", "import runtime.settings", "ledger is not allowed to import runtime", id="upwards"
        ),
        pytest.param("sandbox/app.py", "import domain.leads", "sandbox is not allowed to import domain", id="sandbox"),
        pytest.param(
            "connectors/hubspot/kinds.py",
            "import connectors.salesforce.soql",
            "connectors.hubspot is not allowed to import connectors.salesforce",
            id="one connector another",
        ),
    ],
)
def test_a_line_that_is_crossed_is_noticed(copy: Path, module: str, line: str, complaint: str) -> None:
    spoil(copy, module, line)
    checked = lint(copy)
    assert checked.returncode == 1
    assert complaint in checked.stdout


def test_only_one_module_asks_what_time_it_is() -> None:
    asking = {
        str(path.relative_to(REPOSITORY))
        for package in PACKAGES
        if package != "sandbox"
        for path in (REPOSITORY / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ASKING
    }
    assert asking == {"runtime/clocks.py"}


ASKING = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns",
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today",
}  # fmt: skip
