"""The stand-in HubSpot as an account: sign-in, owners, properties, paths, limits and faults."""

from typing import Any

import pytest
import requests

from sandbox.hubspot.sign_in import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN
from tests.sandbox.hubspot_client import TOKEN, client, send
from tests.sandbox_process import SandboxProcess

GROUP = {"name": "speed_to_lead", "label": "Speed to lead"}
STATE = {
    "name": "fairlead_sla_state",
    "label": "SLA state",
    "groupName": "speed_to_lead",
    "type": "enumeration",
    "fieldType": "select",
    "options": [{"label": "Met", "value": "met"}, {"label": "Breached", "value": "breached"}],
}
DUE = {
    "name": "fairlead_due_at",
    "label": "Due",
    "groupName": "speed_to_lead",
    "type": "datetime",
    "fieldType": "date",
}


@pytest.fixture
def portal(sandbox: SandboxProcess) -> SandboxProcess:
    sandbox.reset()
    return sandbox


@pytest.fixture
def fields(portal: SandboxProcess) -> SandboxProcess:
    """A portal with a group and two properties of ours."""
    send(portal, "POST", "/crm/v3/properties/contacts/groups", GROUP)
    assert send(portal, "POST", "/crm/v3/properties/contacts", STATE).status_code == 201
    assert send(portal, "POST", "/crm/v3/properties/contacts", DUE).status_code == 201
    return portal


@pytest.mark.parametrize("token", ["", "pat-na1-expired"])
def test_without_the_token_every_call_is_refused(portal: SandboxProcess, token: str) -> None:
    answer = send(portal, "GET", "/account-info/v3/details", token=token)
    assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")
    assert answer.json()["message"].startswith("Authentication credentials not found.")


@pytest.mark.parametrize("path", ["/account-info/v3/details", "/account-info/2026-03/details"])
def test_the_account_tells_its_id_and_zone(portal: SandboxProcess, path: str) -> None:
    details = send(portal, "GET", path).json()
    assert (details["portalId"], details["timeZone"]) == (147893286, "US/Eastern")


class TestOwners:
    @pytest.fixture(autouse=True)
    def people(self, portal: SandboxProcess) -> None:
        people = [{"email": f"{name}@acme.example", "name": f"{name} Keller"} for name in ("ana", "ben", "cho")]
        people[2]["active"] = False  # type: ignore[assignment]
        self.ids: list[str] = portal.control("POST", "/hubspot/users", people)

    def test_active_ones_come_page_by_page(self, portal: SandboxProcess) -> None:
        api = client(portal).crm.owners.owners_api
        first = api.get_page(limit=1)
        second = api.get_page(limit=1, after=first.paging.next.after)
        assert [owner.id for owner in (*first.results, *second.results)] == self.ids[:2]
        assert second.paging is None

    def test_deactivated_ones_are_asked_for_and_have_no_user(self, portal: SandboxProcess) -> None:
        [gone] = client(portal).crm.owners.owners_api.get_page(archived=True).results
        assert (gone.id, gone.user_id, gone.user_id_including_inactive) == (self.ids[2], None, int(self.ids[2]))

    def test_one_is_found_by_address_and_by_user_id(self, portal: SandboxProcess) -> None:
        api = client(portal).crm.owners.owners_api
        [ben] = api.get_page(email="ben@acme.example").results
        assert api.get_by_id(ben.user_id, id_property="userId").id == self.ids[1]

    def test_each_has_a_user_record(self, portal: SandboxProcess) -> None:
        names = ["hs_internal_user_id", "hubspot_owner_id", "hs_email"]
        rows = client(portal).crm.objects.basic_api.get_page("users", properties=names).results
        assert [row.properties["hs_internal_user_id"] for row in rows] == self.ids
        assert [row.properties["hubspot_owner_id"] for row in rows] == [*self.ids[:2], None]


class TestProperties:
    def test_a_new_property_takes_values_and_is_searched(self, fields: SandboxProcess) -> None:
        [lead] = fields.control("POST", "/hubspot/leads", [{"email": "ida@nord.example"}])
        values = {"fairlead_sla_state": "met", "fairlead_due_at": "2026-06-01T11:00:00+02:00"}
        client(fields).crm.objects.basic_api.update("contacts", lead, {"properties": values})
        due = {"propertyName": "fairlead_due_at", "operator": "LTE", "value": "1780304400000"}
        asked = {"filterGroups": [{"filters": [due]}], "properties": list(values)}
        [row] = client(fields).crm.objects.search_api.do_search("contacts", asked).results
        assert row.properties["fairlead_due_at"] == "2026-06-01T09:00:00.000Z"
        assert row.properties["fairlead_sla_state"] == "met"

    def test_its_options_are_enforced(self, fields: SandboxProcess) -> None:
        body = {"properties": {"email": "ida@nord.example", "fairlead_sla_state": "late"}}
        answer = send(fields, "POST", "/crm/v3/objects/contacts", body).json()
        assert answer["errors"][0]["code"] == "INVALID_OPTION"
        assert answer["errors"][0]["message"].startswith("late was not one of the allowed options: [")

    def test_the_definition_says_what_it_is(self, fields: SandboxProcess) -> None:
        found = client(fields).crm.properties.core_api.get_by_name("contacts", "fairlead_sla_state")
        assert [option.value for option in found.options] == ["met", "breached"]
        assert (found.group_name, found.type, found.modification_metadata.read_only_value) == (
            "speed_to_lead",
            "enumeration",
            False,
        )

    def test_a_name_that_is_taken_is_a_conflict(self, fields: SandboxProcess) -> None:
        answer = send(fields, "POST", "/crm/v3/properties/contacts", STATE)
        assert (answer.status_code, answer.json()["category"]) == (409, "CONFLICT")
        assert "already exists" in answer.json()["message"]
        assert send(fields, "POST", "/crm/v3/properties/contacts/groups", GROUP).status_code == 409

    def test_a_batch_creates_the_new_ones_and_names_the_others(self, fields: SandboxProcess) -> None:
        rule = {**DUE, "name": "fairlead_rule", "type": "string", "fieldType": "text"}
        answer = send(fields, "POST", "/crm/v3/properties/contacts/batch/create", {"inputs": [STATE, rule]})
        assert answer.status_code == 207
        assert [made["name"] for made in answer.json()["results"]] == ["fairlead_rule"]
        assert answer.json()["errors"] == [
            {
                "status": "error",
                "category": "OBJECT_ALREADY_EXISTS",
                "subCategory": "Properties.PROPERTY_WITH_NAME_EXISTS",
                "message": "A property named 'fairlead_sla_state' already exists.",
                "context": {"name": ["fairlead_sla_state"]},
            }
        ]

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param({"name": "Fairlead"}, id="a name with a capital"),
            pytest.param({"groupName": "nowhere"}, id="a group that does not exist"),
            pytest.param({"fieldType": "text"}, id="a field type of another type"),
            pytest.param({"options": []}, id="a choice without options"),
        ],
    )
    def test_a_malformed_definition_is_refused(self, fields: SandboxProcess, change: dict[str, Any]) -> None:
        definition = {**STATE, "name": "fairlead_new", **change}
        assert send(fields, "POST", "/crm/v3/properties/contacts", definition).status_code == 400

    def test_its_options_may_change(self, fields: SandboxProcess) -> None:
        options = [*STATE["options"], {"label": "Paused", "value": "paused"}]  # type: ignore[misc]
        changed = client(fields).crm.properties.core_api.update("contacts", STATE["name"], {"options": options})
        assert [option.value for option in changed.options] == ["met", "breached", "paused"]

    def test_an_archived_one_is_gone_and_may_be_made_again(self, fields: SandboxProcess) -> None:
        client(fields).crm.properties.core_api.archive("contacts", STATE["name"])
        assert send(fields, "GET", f"/crm/v3/properties/contacts/{STATE['name']}").status_code == 404
        assert send(fields, "POST", "/crm/v3/properties/contacts", STATE).status_code == 201

    def test_those_that_came_with_the_portal_stay(self, portal: SandboxProcess) -> None:
        assert send(portal, "DELETE", "/crm/v3/properties/contacts/email").status_code == 400

    def test_what_does_not_exist_is_not_found(self, portal: SandboxProcess) -> None:
        assert send(portal, "GET", "/crm/v3/properties/contacts/fairlead_sla_state").status_code == 404


class TestLimits:
    def test_the_sixth_search_of_a_second_is_refused_without_a_wait(self, portal: SandboxProcess) -> None:
        portal.control("PUT", "/hubspot/limits", {"enforced": True, "searches_per_second": 0})
        answer = send(portal, "POST", "/crm/v3/objects/contacts/search", {})
        assert (answer.status_code, answer.json()["message"], answer.json()["category"]) == (
            429,
            "You have reached your secondly limit.",
            "RATE_LIMITS",
        )
        assert "Retry-After" not in answer.headers
        assert "X-HubSpot-RateLimit-Remaining" not in answer.headers

    def test_the_ten_second_window_names_its_policy(self, portal: SandboxProcess) -> None:
        portal.control("PUT", "/hubspot/limits", {"enforced": True, "per_ten_seconds": 1})
        allowed, refused = (send(portal, "GET", "/crm/v3/owners/") for _ in range(2))
        assert (allowed.status_code, allowed.headers["X-HubSpot-RateLimit-Remaining"]) == (200, "0")
        assert (refused.status_code, refused.json()["policyName"]) == (429, "TEN_SECONDLY_ROLLING")

    def test_the_day_is_the_accounts_and_ends_at_its_midnight(self, portal: SandboxProcess) -> None:
        portal.control("PUT", "/clock", {"now": "2026-06-02T03:59:00Z", "speed": 0})  # 23:59 in New York
        portal.control("PUT", "/hubspot/limits", {"enforced": True, "per_day": 1})
        allowed, refused = (send(portal, "GET", "/crm/v3/owners/") for _ in range(2))
        assert (allowed.status_code, allowed.headers["X-HubSpot-RateLimit-Daily-Remaining"]) == (200, "0")
        assert (refused.status_code, refused.json()["policyName"]) == (429, "DAILY")
        portal.control("PUT", "/clock", {"now": "2026-06-02T04:00:00Z", "speed": 0})
        assert send(portal, "GET", "/crm/v3/owners/").status_code == 200

    def test_the_usage_of_the_day_can_be_asked_for(self, portal: SandboxProcess) -> None:
        portal.control("PUT", "/clock", {"now": "2026-06-02T12:00:00Z", "speed": 0})
        portal.control("PUT", "/hubspot/limits", {"tier": "enterprise"})
        [row] = send(portal, "GET", "/account-info/v3/api-usage/daily/private-apps").json()["results"]
        assert (row["usageLimit"], row["currentUsage"], row["resetsAt"]) == (1_000_000, 1, "2026-06-03T04:00:00.000Z")

    @pytest.mark.parametrize(("tier", "most"), [("free", "100"), ("professional", "190"), ("increased", "250")])
    def test_what_was_bought_says_how_many_calls(self, portal: SandboxProcess, tier: str, most: str) -> None:
        portal.control("PUT", "/hubspot/limits", {"tier": tier})
        assert send(portal, "GET", "/crm/v3/owners/").headers["X-HubSpot-RateLimit-Max"] == most

    def test_each_app_has_its_own_window(self, portal: SandboxProcess) -> None:
        portal.control("PUT", "/hubspot/limits", {"enforced": True, "per_ten_seconds": 1})
        other = portal.control("POST", "/hubspot/keys", {})["token"]
        answers = [send(portal, "GET", "/crm/v3/owners/", token=token) for token in (TOKEN, other, other)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]

    def test_an_oauth_app_has_fewer_calls_and_no_day(self, portal: SandboxProcess) -> None:
        form = {"grant_type": "refresh_token", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        form["refresh_token"] = REFRESH_TOKEN
        token = requests.post(f"{portal.url}/oauth/v1/token", data=form, timeout=10).json()["access_token"]
        headers = send(portal, "GET", "/crm/v3/owners/", token=token).headers
        assert (headers["X-HubSpot-RateLimit-Max"], headers["X-HubSpot-RateLimit-Secondly"]) == ("110", "11")
        assert "X-HubSpot-RateLimit-Daily" not in headers

    def test_nothing_is_refused_unless_it_is_asked_for(self, portal: SandboxProcess) -> None:
        answers = [send(portal, "POST", "/crm/v3/objects/contacts/search", {}).status_code for _ in range(7)]
        assert answers == [200] * 7


@pytest.mark.parametrize(
    ("status", "key", "value"),
    [(429, "policyName", "TEN_SECONDLY_ROLLING"), (403, "category", "MISSING_SCOPES"), (500, "status", "error")],
)
def test_a_fault_answers_as_hubspot_would(portal: SandboxProcess, status: int, key: str, value: str) -> None:
    portal.control("POST", "/faults", {"crm": "hubspot", "times": 1, "do": {"status": status}})
    answer = send(portal, "GET", "/crm/v3/owners/")
    assert (answer.status_code, answer.json()[key]) == (status, value)
    assert answer.json()["correlationId"] == answer.headers["X-HubSpot-Correlation-Id"]


def test_a_write_may_be_applied_though_its_answer_never_comes(portal: SandboxProcess) -> None:
    [lead] = portal.control("POST", "/hubspot/leads", [{"email": "ida@nord.example"}])
    portal.control("POST", "/faults", {"crm": "hubspot", "times": 1, "do": {"drop_after_write": True}})
    with pytest.raises(requests.ConnectionError):
        send(portal, "PATCH", f"/crm/v3/objects/contacts/{lead}", {"properties": {"city": "Kiel"}})
    answer = send(portal, "GET", f"/crm/v3/objects/contacts/{lead}?properties=city")
    assert answer.json()["properties"]["city"] == "Kiel"


@pytest.mark.parametrize(
    "body", [pytest.param(b"{", id="not JSON"), pytest.param(b"[]", id="not an object"), pytest.param(b"", id="none")]
)
def test_a_body_that_cannot_be_read_is_refused(portal: SandboxProcess, body: bytes) -> None:
    url = f"{portal.url}/crm/v3/objects/contacts"
    answer = requests.post(url, data=body, headers={"Authorization": "Bearer pat-na1-sandbox"}, timeout=10)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
