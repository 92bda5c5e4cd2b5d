"""Search in the stand-in HubSpot: what matches, what is refused, and what a lagging index shows."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.sandbox.hubspot_client import OWNER, client, send
from tests.sandbox_process import SandboxProcess

PATH = "/crm/v3/objects/contacts/search"
LEADS = (
    {"email": "ida@nord.example", "firstname": "Ida", "company": "Nord", "numberofemployees": "900"},
    {"email": "jon@sued.example", "firstname": "Jon", "company": "Süd", "numberofemployees": "25"},
    {"email": "kim@west.example", "firstname": "Kim", "hs_lead_status": "OPEN"},
)


@pytest.fixture
def portal(sandbox: SandboxProcess) -> SandboxProcess:
    """Ida, Jon and Kim came in an hour apart, from 09:00."""
    sandbox.reset()
    for hour, lead in enumerate(LEADS, start=9):
        sandbox.control("PUT", "/clock", {"now": f"2026-06-01T{hour:02}:00:00Z", "speed": 0})
        sandbox.control("POST", "/hubspot/leads", [lead])
    return sandbox


def found(portal: SandboxProcess, *filters: dict[str, Any], **more: Any) -> list[str]:
    """First names of what the filters (all of them) let through."""
    asked = {"filterGroups": [{"filters": list(filters)}], "properties": ["firstname"], **more}
    answer = client(portal).crm.objects.search_api.do_search("contacts", asked)
    return [row.properties["firstname"] for row in answer.results]


def where(name: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, **({} if value is None else {"value": value}), **more}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        pytest.param(where("createdate", "GTE", "1780308000000"), ["Jon", "Kim"], id="since, in milliseconds"),
        pytest.param(where("createdate", "GT", "2026-06-01T12:00:00+02:00"), ["Kim"], id="after, with a zone"),
        pytest.param(
            where("createdate", "BETWEEN", "1780304400000", highValue="1780308000000"), ["Ida", "Jon"], id="between"
        ),
        pytest.param(where("numberofemployees", "LT", "100"), ["Jon"], id="numbers compare as numbers"),
        pytest.param(where("company", "EQ", "NORD"), ["Ida"], id="text without regard to case"),
        pytest.param(where("company", "NEQ", "nord"), ["Jon"], id="different, but not empty"),
        pytest.param(where("company", "IN", values=["nord", "süd"]), ["Ida", "Jon"], id="one of, in lower case"),
        pytest.param(where("company", "IN", values=["Nord"]), [], id="one of, with a capital, never matches"),
        pytest.param(where("company", "NOT_IN", values=["nord"]), ["Jon"], id="none of, but not empty"),
        pytest.param(where("company", "HAS_PROPERTY"), ["Ida", "Jon"], id="has a value"),
        pytest.param(where("company", "NOT_HAS_PROPERTY"), ["Kim"], id="has no value"),
        pytest.param(where("hs_lead_status", "EQ", "open"), [], id="choices keep their case"),
        pytest.param(where("hs_lead_status", "EQ", "OPEN"), ["Kim"], id="a choice"),
        pytest.param(where("email", "CONTAINS_TOKEN", "*@nord.example"), ["Ida"], id="a pattern"),
        pytest.param(where("email", "NOT_CONTAINS_TOKEN", "example"), [], id="without the word"),
    ],
)
def test_a_filter_lets_through_what_it_says(portal: SandboxProcess, asked: dict[str, Any], names: list[str]) -> None:
    assert found(portal, asked) == names


def test_groups_are_alternatives(portal: SandboxProcess) -> None:
    groups = [{"filters": [where("company", "EQ", "nord")]}, {"filters": [where(OWNER, "NOT_HAS_PROPERTY")]}]
    assert found(portal, filterGroups=groups) == ["Ida", "Jon", "Kim"]


def test_one_sort_orders_and_what_has_no_value_comes_last(portal: SandboxProcess) -> None:
    by_size = [{"propertyName": "numberofemployees", "direction": "DESCENDING"}]
    assert found(portal, sorts=by_size) == ["Ida", "Jon", "Kim"]


def test_pages_go_on_by_offset_and_the_last_one_has_no_next(portal: SandboxProcess) -> None:
    first = send(portal, "POST", PATH, {"limit": 2}).json()
    second = send(portal, "POST", PATH, {"limit": "2", "after": first["paging"]["next"]["after"]}).json()
    assert (first["total"], len(first["results"]), first["paging"]["next"]["after"]) == (3, 2, "2")
    assert (len(second["results"]), "paging" in second) == (1, False)


def test_contacts_of_a_company_can_be_asked_for(portal: SandboxProcess) -> None:
    [company] = portal.control("POST", "/hubspot/accounts", [{"name": "Nord"}])
    portal.control("POST", "/hubspot/leads", [{"firstname": "Lea", "associatedcompanyid": company}])
    assert found(portal, where("associations.company", "EQ", company)) == ["Lea"]


def test_archived_records_are_not_found(portal: SandboxProcess) -> None:
    [ida, *_] = portal.control("GET", "/hubspot/leads")
    portal.control("POST", "/hubspot/delete", {"lead": ida["id"]})
    assert found(portal) == ["Jon", "Kim"]


def groups_of(*sizes: int) -> dict[str, Any]:
    one = where(OWNER, "NOT_HAS_PROPERTY")
    return {"filterGroups": [{"filters": [one] * size} for size in sizes]}


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"limit": 201}, id="a page of more than 200"),
        pytest.param({"limit": 200, "after": "9900"}, id="beyond the first 10,000"),
        pytest.param(groups_of(1, 1, 1, 1, 1, 1), id="six groups"),
        pytest.param(groups_of(7), id="seven filters in a group"),
        pytest.param(groups_of(5, 5, 5, 5), id="twenty filters"),
        pytest.param({"sorts": ["email", "createdate"]}, id="two sorts"),
        pytest.param({"filterGroups": [{"filters": [where("no_such", "EQ", "1")]}]}, id="an unknown property"),
        pytest.param({"filterGroups": [{"filters": [where("createdate", "GTE", "soon")]}]}, id="a time that is none"),
        pytest.param({"query": "x" * 3000}, id="a body of more than 3,000 characters"),
    ],
)
def test_what_hubspot_does_not_search_is_refused(portal: SandboxProcess, asked: dict[str, Any]) -> None:
    assert send(portal, "POST", PATH, asked).status_code == 400


def test_an_unknown_object_type_is_refused_in_the_recorded_words(portal: SandboxProcess) -> None:
    answer = send(portal, "POST", "/crm/v3/objects/butterflies/search", {})
    assert (answer.status_code, answer.json()["message"], "category" in answer.json()) == (
        400,
        "Unable to infer object type from: butterflies",
        False,
    )


class TestWithALagOfThirtySeconds:
    """Business time stands still but for what `pass_` lets pass."""

    @pytest.fixture(autouse=True)
    def lag(self, portal: SandboxProcess) -> None:
        portal.control("PUT", "/hubspot/search", {"lag_seconds": 30})

    def pass_(self, portal: SandboxProcess, seconds: int) -> None:
        portal.control("PUT", "/clock", {"now": f"2026-06-01T12:00:{seconds:02}Z", "speed": 0})

    def names(self, portal: SandboxProcess) -> Sequence[str]:
        return found(portal)

    def test_a_new_record_is_found_only_after_the_lag(self, portal: SandboxProcess) -> None:
        self.pass_(portal, 0)
        portal.control("POST", "/hubspot/leads", [{"firstname": "Lea"}])
        self.pass_(portal, 29)
        before = self.names(portal)
        self.pass_(portal, 30)
        assert ("Lea" in before, "Lea" in self.names(portal)) == (False, True)

    def test_a_change_shows_its_old_value_until_then_though_a_read_by_id_knows_it(self, portal: SandboxProcess) -> None:
        self.pass_(portal, 0)
        assert self.names(portal) == ["Ida", "Jon", "Kim"]
        [ida, *_] = portal.control("GET", "/hubspot/leads")
        api = client(portal).crm.objects.basic_api
        api.update("contacts", ida["id"], {"properties": {"firstname": "Ada"}})
        self.pass_(portal, 20)
        assert self.names(portal)[0] == "Ida"
        assert api.get_by_id("contacts", ida["id"]).properties["firstname"] == "Ada"
