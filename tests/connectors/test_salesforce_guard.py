"""An org whose guard is not there: nobody's choice is put at risk."""

import pytest

from tests.connectors.stage import ANA, BEN, Stage
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def unguarded(sandbox: SandboxProcess) -> Stage:
    """All fields are there, and the validation rule was refused."""
    stage = Stage(sandbox, "salesforce", provisioned=False)
    stage.fault({"status": 400}, times=1, path="ValidationRule/")
    made = stage.crm.provision()
    assert [one.result for one in made if "rule" in one.what] == ["refused"]
    return stage


def test_without_the_validation_rule_no_person_is_overwritten(unguarded: Stage) -> None:
    [lead] = unguarded.many(1)
    write = unguarded.assigning(lead, ANA)
    unguarded.takes(BEN, lead)

    [written] = unguarded.crm.write([write])

    assert (written.outcome, "fairlead provision" in written.detail) == ("later", True)
    assert unguarded.read(lead).owner == BEN


def test_the_write_goes_through_once_the_rule_is_there(unguarded: Stage) -> None:
    [lead] = unguarded.many(1)
    unguarded.crm.write([unguarded.assigning(lead, ANA)])
    unguarded.crm.provision()

    [written] = unguarded.crm.write([unguarded.assigning(lead, ANA)])

    assert (written.outcome, unguarded.read(lead).owner) == ("applied", ANA)
