"""What Salesforce tells of its users."""

from datetime import UTC, datetime

from connectors.salesforce import records
from tests.connectors.stage import ANA, BEN, Stage
from tests.sandbox_process import SandboxProcess


def test_a_users_last_login_is_known_and_missing_where_there_was_none(sandbox: SandboxProcess) -> None:
    stage = Stage(sandbox, "salesforce")
    login = {"UserId": stage.ids[ANA], "LoginTime": "2026-11-20T08:00:00Z", "Status": "Success"}
    stage.control("POST", "records/LoginHistory", [login])

    found = {user.email: user.last_login for user in stage.crm.users()}

    assert found[ANA] == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert found[BEN] is None


def test_a_user_whose_last_sign_in_nobody_can_read_keeps_no_other_from_being_told() -> None:
    row = {"Id": "005", "Name": "Ana Keller", "Email": ANA, "IsActive": True, "LastLoginDate": "soon"}

    assert records.person(row).last_login is None
