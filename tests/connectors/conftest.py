import pytest

from connectors.registry import CRMS
from tests.connectors.stage import Stage
from tests.sandbox_process import SandboxProcess


@pytest.fixture(params=sorted(CRMS))
def stage(request: pytest.FixtureRequest, sandbox: SandboxProcess) -> Stage:
    """Each CRM that is registered, in turn."""
    return Stage(sandbox, request.param)


@pytest.fixture
def salesforce(sandbox: SandboxProcess) -> Stage:
    return Stage(sandbox, "salesforce")


@pytest.fixture
def hubspot(sandbox: SandboxProcess) -> Stage:
    return Stage(sandbox, "hubspot")
