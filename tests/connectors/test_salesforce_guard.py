"""An org whose guard is not there: nobody's choice is put at risk."""

import pytest

from connectors.salesforce.guard import BELIEVED, Guard
from connectors.salesforce.org import Org
from tests.connectors.stage import ANA, BEN, Stage
from tests.crm_example import credentials
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


def rules_are(stage: Stage, *rows: dict[str, object]) -> None:
    """From now on the org answers so when it is asked for our rule."""
    stage.sandbox.control("DELETE", "/faults")
    answer = {"size": len(rows), "totalSize": len(rows), "done": True, "records": list(rows)}
    stage.fault({"answer_with": answer}, times=None, path="tooling/query")


@pytest.mark.parametrize(
    ("rules", "way_out"),
    [([], "fairlead provision"), ([{"Id": "03d000000000001AAA", "Active": False}], "activate it")],
    ids=["removed", "switched off"],
)
def test_writes_wait_where_the_rule_was_taken_away(
    salesforce: Stage, rules: list[dict[str, object]], way_out: str
) -> None:
    [lead] = salesforce.many(1)
    write = salesforce.assigning(lead, ANA)
    rules_are(salesforce, *rules)

    [written] = salesforce.crm.write([write])

    assert (written.outcome, way_out in written.detail) == ("later", True)
    assert salesforce.read(lead).unowned


def test_a_rule_that_was_seen_is_missed_when_it_is_no_longer_believed(salesforce: Stage) -> None:
    now = [0.0]
    guard = Guard(Org(credentials("salesforce", salesforce.sandbox.url)), "Lead", clock=lambda: now[0])
    seen = guard.lacking()
    rules_are(salesforce)

    now[0] = BELIEVED + 1

    assert (seen, "fairlead provision" in guard.lacking()) == ("", True)
