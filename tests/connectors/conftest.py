import pytest

from connectors.registry import CRMS
from tests.connectors.stage import Stage
from tests.crm_example import IN_2027
from tests.sandbox_process import SandboxProcess


@pytest.fixture(params=[*sorted(CRMS), pytest.param(IN_2027, marks=pytest.mark.slow)])
def stage(request: pytest.FixtureRequest, sandbox: SandboxProcess) -> Stage:
    """Each CRM that is registered, in turn; and HubSpot once more, as it will be when its old paths are gone."""
    if request.param == IN_2027:
        return Stage(sandbox, "hubspot", in_2027=True)
    return Stage(sandbox, request.param)


@pytest.fixture
def salesforce(sandbox: SandboxProcess) -> Stage:
    return Stage(sandbox, "salesforce")


@pytest.fixture
def hubspot(sandbox: SandboxProcess) -> Stage:
    return Stage(sandbox, "hubspot")
