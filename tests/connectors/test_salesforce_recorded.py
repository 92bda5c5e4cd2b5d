"""Answers of real orgs, recorded by others: each that concerns an endpoint we call is read by our code, or becomes one
of the errors of `connectors.base`. The recordings are no part of this repository."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import responses

from connectors.base import ConnectorError, Credentials, Delivery, NotSignedIn
from connectors.salesforce import examination
from connectors.salesforce.crm import Salesforce
from connectors.salesforce.errors import complaint, refusal
from connectors.salesforce.org import Org
from connectors.salesforce.records import account
from connectors.salesforce.writing import outcome
from domain.leads import LeadKey
from domain.mapping import CrmMapping

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "facts" / "recorded" / "salesforce"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"needs the recorded answers in {FOLDER}")

NOT_OURS: Mapping[str, str] = {
    "cdc__*": "change events come over the Pub/Sub API, which nobody subscribes to here",
    "metadata_samples": "metadata to deploy, and no answer",
    "pubsub_api.proto": "the interface of the Pub/Sub API",
    "cumulusci__GET_limits_recordCount_*": "counts come from queries",
    "cumulusci__GET_sobjects.json": "only single objects are described",
    "cumulusci__GET_sobjects_Organization_ID*": "the org's id comes from a query",
    "cumulusci__PATCH_composite_sobjects_*_Id*": "nothing is upserted",
    "cumulusci__PATCH_composite_sobjects_*_Email*": "nothing is upserted",
    "cumulusci__POST_sobjects_Account*": "rows are created in collections",
    "cumulusci__POST_composite.json": "asks for objects that have changed, which nobody does here",
    "cumulusci__POST_composite_8.json": "asks for layouts, which nobody does here",
    "outbound_message__ack_response.xml": "what we answer, and test beside the messages",
    "restforce__create_success_response.json": "rows are created in collections",
    "restforce__delete_*": "nothing is deleted",
    "restforce__describe_sobjects_*": "only single objects are described",
    "restforce__get_deleted_*": "deleted rows are found by a query",
    "restforce__get_updated_*": "changed rows are found by a query",
    "restforce__list_*": "neither objects nor list views are listed",
    "restforce__recent_*": "nobody asks what was seen last",
    "restforce__search_*": "nothing is searched",
    "restforce__services_data_*": "the version is fixed",
    "restforce__sobject_find_success_response.json": "single rows are read by queries",
    "restforce__sobject_select_*": "single rows are read by queries",
    "restforce__upsert_created_*": "nothing is upserted",
    "restforce__upsert_multiple_*": "nothing is upserted",
    "simple_salesforce__soap_login_*": "nobody signs in by SOAP, which ends in 2027",
}

URL = "https://na1.salesforce.com"
DATA = f"{URL}/services/data/v59.0"
ORGANIZATION = {"totalSize": 1, "done": True, "records": [{"Id": "00D5g0000000001EAA"}]}
KEY = LeadKey("salesforce", "00D5g0000000001EAA", "Lead", "00Q5g0000000001EAA")


def recorded(name: str) -> Any:
    """The body of the answer."""
    whole = json.loads((FOLDER / name).read_text("utf-8"))
    return whole["response"]["body"] if isinstance(whole, dict) and "response" in whole else whole


class Wire:
    """An org that lets us sign in, and answers what it is told."""

    def __init__(self) -> None:
        self.answers = responses.RequestsMock(assert_all_requests_are_fired=False)

    def __enter__(self) -> tuple[responses.RequestsMock, Org]:
        self.answers.start()
        self.answers.post(f"{URL}/services/oauth2/token", json={"access_token": "t", "instance_url": URL})
        self.answers.get(f"{DATA}/query/", json=ORGANIZATION)
        org = Org(Credentials(URL, "secret", {"consumer_key": "key"}))
        org.sign_in()
        self.answers.remove(responses.GET, f"{DATA}/query/")
        return self.answers, org

    def __exit__(self, *_: object) -> None:
        self.answers.stop(allow_assert=False)
        self.answers.reset()


def a_page(name: str) -> None:
    body = recorded(name)
    with Wire() as (wire, org):
        wire.get(f"{DATA}/query/", json=body)
        if not body["done"]:
            last = {**body, "done": True}
            wire.get(f"{URL}{body['nextRecordsUrl']}", json=last)
        rows = org.query("SELECT Id FROM Account")

    assert len(rows) == len(body["records"]) * (1 if body["done"] else 2)


def accounts(name: str) -> None:
    a_page(name)
    for row in recorded(name)["records"]:
        if "Id" in row:
            assert account(row).id == row["Id"]


def a_composite(name: str) -> None:
    parts = recorded(name)["compositeResponse"]
    numbered = [{**part, "referenceId": f"query{number}"} for number, part in enumerate(parts)]
    bad = [part for part in parts if part["httpStatusCode"] >= 300]
    with Wire() as (wire, org):
        for first in range(0, len(parts), 5):
            some = [{**part, "referenceId": f"query{n}"} for n, part in enumerate(numbered[first : first + 5])]
            wire.post(f"{DATA}/composite", json={"compositeResponse": some})
            if bad:
                with pytest.raises(ConnectorError) as told:
                    org.queries(*["SELECT Id FROM Account"] * len(some))
                assert complaint(bad[0]["body"]).sentence in str(told.value)
            else:
                pages = org.queries(*["SELECT Id FROM Account"] * len(some))
                assert [len(page) for page in pages] == [len(part["body"]["records"]) for part in some]
            wire.remove(responses.POST, f"{DATA}/composite")


def rows(name: str) -> None:
    results = recorded(name)
    with Wire() as (wire, org):
        wire.patch(f"{DATA}/composite/sobjects", json=results)
        answered = org.update([{"id": str(number)} for number in range(len(results))])

    assert {outcome(KEY, row).outcome for row in answered} == {"applied"}


def a_description(name: str) -> None:
    body = recorded(name)
    mapping = CrmMapping("salesforce", body["name"], (), {field["name"]: field["name"] for field in body["fields"]})
    with Wire() as (wire, org):
        wire.get(f"{DATA}/sobjects/{body['name']}/describe", json=body)
        found = list(examination.described_fields(org, mapping))

    unfit = {field["name"] for field in body["fields"] if field["type"] in ("address", "location", "base64")}
    wrong = {finding.what.split(".")[-1] for finding in found if finding.ok is False and finding.what.startswith("`")}
    assert wrong == unfit


def limits(name: str) -> None:
    with Wire() as (wire, org):
        wire.get(f"{DATA}/limits", json=recorded(name))
        [finding] = examination.calls_of_the_day(org)

    assert finding.ok is True


def an_error(name: str) -> None:
    for status in (400, 404):
        error = refusal(status, recorded(name), writes=False, after=None)
        assert recorded(name)[0]["message"] in str(error)


def an_expired_session(name: str) -> None:
    assert isinstance(refusal(401, recorded(name), writes=True, after=None), NotSignedIn)


def a_sign_in(name: str) -> None:
    with responses.RequestsMock() as wire:
        wire.post(f"{URL}/services/oauth2/token", json=recorded(name))
        wire.get(f"{DATA}/query/", json=ORGANIZATION)

        assert Org(Credentials(URL, "secret", {"consumer_key": "key"}, "refresh token")).sign_in()


def a_refused_sign_in(name: str) -> None:
    with responses.RequestsMock() as wire:
        wire.post(f"{URL}/services/oauth2/token", json=recorded(name), status=400)

        with pytest.raises(NotSignedIn, match=recorded(name)["error_description"]):
            Org(Credentials(URL, "secret", {"consumer_key": "key"}, "refresh token")).sign_in()


def a_message(name: str) -> None:
    body = (FOLDER / name).read_bytes()
    text = body.decode()
    organization = text.partition("<OrganizationId>")[2].partition("<")[0]
    kind = text.partition('xsi:type="sf:')[2].partition('"')[0]
    secret = "nobody-can-guess-this-1234"
    credentials = Credentials(URL, "s", {"webhook_secret": secret})
    delivery = Delivery("POST", "https://leads.acme.example/", secret, {}, body)

    heard = Salesforce.hear(
        delivery, credentials, CrmMapping("salesforce", kind, (), {}), organization, datetime(2026, 6, 1, tzinfo=UTC)
    )

    assert len(heard.seen) == text.count("</Notification>")
    assert heard.seen[0].key.id in text


OURS: Mapping[str, Callable[[str], None]] = {
    "camel__composite_response_failure.json": a_composite,
    "cumulusci__GET_query_Account*": accounts,
    "cumulusci__GET_query_*": a_page,
    "cumulusci__GET_sobjects_*_describe*": a_description,
    "cumulusci__PATCH_composite_sobjects.json": rows,
    "cumulusci__PATCH_composite_sobjects_2.json": rows,
    "cumulusci__POST_composite_[2-7].json": a_composite,
    "cumulusci__POST_composite_sobjects*": rows,
    "outbound_message__lead_*": a_message,
    "outbound_message__opportunity_*": a_message,
    "restforce__auth_error_*": a_refused_sign_in,
    "restforce__auth_success_*": a_sign_in,
    "restforce__expired_session_*": an_expired_session,
    "restforce__org_query_*": a_page,
    "restforce__query_*_success_*": a_page,
    "restforce__query_success_*": a_page,
    "restforce__query_empty_*": a_page,
    "restforce__query_paginated_*": a_page,
    "restforce__query_error_*": an_error,
    "restforce__refresh_error_*": a_refused_sign_in,
    "restforce__refresh_success_*": a_sign_in,
    "restforce__sobject_describe_error_*": an_error,
    "restforce__sobject_find_error_*": an_error,
    "restforce__upsert_error_*": an_error,
    "restforce__write_error_*": an_error,
    "simple_salesforce__limits.json": limits,
}

FILES = sorted(path.name for path in FOLDER.iterdir()) if FOLDER.is_dir() else []


def reader(name: str) -> Callable[[str], None] | None:
    return next((read for pattern, read in OURS.items() if fnmatch(name, pattern)), None)


@pytest.mark.parametrize("name", [name for name in FILES if reader(name)])
def test_a_recorded_answer_is_read_or_becomes_an_error_of_ours(name: str) -> None:
    read = reader(name)
    assert read
    read(name)


def test_each_recorded_answer_is_ours_or_there_is_a_reason_why_not() -> None:
    ours = {name for name in FILES if reader(name)}
    others = {name for name in FILES if any(fnmatch(name, pattern) for pattern in NOT_OURS)}

    assert ours | others == set(FILES)
    assert ours & others == set()
