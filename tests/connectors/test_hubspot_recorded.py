"""Real answers of HubSpot, as others have recorded them, become values of ours or errors that say what to do.

They lie beside the repository and are not part of it. A file that is in neither list fails: somebody has to say whether
it concerns us.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Credentials, NotSignedIn, Refused, TaskWrite, TryLater, Unknown, Write
from connectors.hubspot import records, searching, tasks, writing
from connectors.hubspot.access import OAUTH
from connectors.hubspot.kinds import KINDS
from connectors.hubspot.portal import Portal
from connectors.hubspot.webhooks import signed
from domain.leads import Lead, LeadKey
from tests.connectors.answering import Answer, answering
from tests.connectors.stage import mapping_of

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "facts" / "recorded" / "hubspot"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the recorded answers of HubSpot are not on this machine")

CONTACT = KINDS["contact"]
MAPPING = mapping_of("hubspot")
TODAY = datetime(2026, 6, 1, tzinfo=UTC)
PAST = datetime(2020, 1, 1, tzinfo=UTC)


def key(id: str) -> LeadKey:
    return LeadKey("hubspot", "7", "contact", id)


def a_write(id: str, decision: str | None = None) -> Write:
    return Write(key(id), {"rule": "By turns"}, decision)


def a_task(token: str) -> TaskWrite:
    return TaskWrite(key("501"), "7", "Call", TODAY, token)


def recorded(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def asked(answer: Answer, ask: Callable[[Portal], Any]) -> Any:
    """What a question brings where this is the answer to it."""
    with answering(lambda _: answer) as server:
        return ask(Portal(Credentials(server.url, "pat")))


def error_of(answer: Answer, ask: Callable[[Portal], Any]) -> Exception | None:
    try:
        asked(answer, ask)
    except (NotSignedIn, Refused, TryLater, Unknown) as error:
        return error
    return None


# What each file of an endpoint of ours becomes


def _leads(answer: Any) -> None:
    found = asked(Answer(answer), lambda portal: portal.read_each("contacts", ["1"], ()).found)
    leads = [records.lead(row, key(id), CONTACT, MAPPING, None, ()) for id, row in found.items()]
    assert leads
    assert all(isinstance(lead, Lead) for lead in leads)


def _window(answer: Any) -> None:
    last = {name: value for name, value in answer.items() if name != "paging"}
    first = [Answer(answer), *[Answer(last)] * 20]
    with answering(lambda _: first.pop(0)) as server:
        portal = Portal(Credentials(server.url, "pat"))
        found = searching.window(portal, "contacts", [[]], "lastmodifieddate", PAST, ())
    assert {row["id"] for row in found.rows} == {row["id"] for row in answer["results"]}


def _associations(answer: Any) -> None:
    found = asked(Answer(answer, 207), lambda portal: portal.associated_each("contacts", "companies", ["501"])).found
    assert set(found) == {row["from"]["id"] for row in answer["results"]}
    assert all(id.isdecimal() for ids in found.values() for id in ids)


def _updated(answer: Any) -> None:
    there, absent = [str(row["id"]) for row in answer["results"]], ["unknownIdentifier888"]
    errors = answer.get("errors") or []
    rows = [a_write(id) for id in (*there, *(absent if errors else []))]
    became = asked(Answer(answer, 207 if errors else 200), lambda portal: writing.write(portal, CONTACT, MAPPING, rows))
    assert [one.outcome for one in became] == ["applied"] * len(there) + ["refused"] * len(errors)


def _created(answer: Any) -> None:
    errors = answer.get("errors") or []
    tokens = [*(["0"] if errors else []), *(f"t{number}" for number in range(len(answer["results"])))]
    became = asked(
        Answer(answer, 207 if errors else 201),
        lambda portal: tasks.create(portal, CONTACT, [a_task(token) for token in tokens]),
    )
    assert [one.outcome for one in became] == ["refused"] * len(errors) + ["applied"] * len(answer["results"])


def _refused_write(status: int) -> Callable[[Any], None]:
    def check(answer: Any) -> None:
        [became] = asked(Answer(answer, status), lambda portal: writing.write(portal, CONTACT, MAPPING, [a_write("1")]))
        assert became.outcome == "refused"
        assert became.detail.startswith("HubSpot")

    return check


def _refused(status: int) -> Callable[[Any], None]:
    def check(answer: Any) -> None:
        error = error_of(Answer(answer, status), lambda portal: portal.search("butterflies", {}))
        assert isinstance(error, Refused)
        assert answer["message"] in str(error)

    return check


def _properties(answer: Any) -> None:
    found = asked(Answer(answer), lambda portal: portal.properties("contacts"))
    assert set(found) == {row["name"] for row in answer["results"]}


def _property(answer: Any) -> None:
    for definition in answer.get("results", [answer]):
        asked(Answer(definition, 201), lambda portal: portal.create_property("contacts", {}))


def _group(answer: Any) -> None:
    asked(Answer(answer, 201), lambda portal: portal.create_group("contacts", {}))


def _details(answer: Any) -> None:
    assert asked(Answer(answer), lambda portal: portal.sign_in()) == str(answer["portalId"])


def _signatures(answer: Any) -> None:
    vectors = [each for each in answer["vectors"] if each["version"] == "v3"]
    ours = [
        signed(each["secret"], each["method"], each["uri"], each["body"].encode(), str(each["timestamp"]))
        for each in vectors
    ]
    assert ours == [each["expected"] for each in vectors] != []


OURS: Mapping[str, Callable[[Any], None]] = {
    "amplabs__internal_associations_test_err-contact-to-contact.json": _associations,
    "amplabs__test_search_contacts_contacts-to-companies.json": _associations,
    "amplabs__test_batch_create_contacts_err-conflict.json": _refused_write(409),
    "amplabs__test_batch_create_contacts_err-many-invalid-properties.json": _refused_write(400),
    "amplabs__test_batch_create_contacts_err-partial-success.json": _created,
    "amplabs__test_batch_create_contacts_success.json": _created,
    "amplabs__test_batch_update_contacts_err-duplicate-ids.json": _refused_write(400),
    "amplabs__test_batch_update_contacts_err-many-invalid-properties.json": _refused_write(400),
    "amplabs__test_batch_update_contacts_err-partial-success.json": _updated,
    "amplabs__test_batch_update_contacts_success.json": _updated,
    "amplabs__test_custom_create_2-response-create-property-group.json": _group,
    "amplabs__test_custom_create_4-response-batch-create-properties.json": _property,
    "amplabs__test_custom_update_1-read-property-group.json": _group,
    "amplabs__test_custom_update_3-response-batch-create-properties.json": _property,
    "amplabs__test_custom_update_5-response-update-property-age.json": _property,
    "amplabs__test_custom_update_7-response-update-property-interests.json": _property,
    "amplabs__test_metadata-contacts-properties-sampled.json": _properties,
    "amplabs__test_metadata-deals-properties-sampled.json": _properties,
    "amplabs__test_metadata-err-schemas-scope.json": _refused(403),
    "amplabs__test_post-auth_account-info.json": _details,
    "amplabs__test_read-via-search_contacts-response.json": _window,
    "amplabs__test_read_objects-api_contacts-batch.json": _leads,
    "amplabs__test_read_objects-api_contacts-response.json": _leads,
    "amplabs__test_search_contacts_1-first-page.json": _window,
    "amplabs__test_search_contacts_2-second-page.json": _window,
    "amplabs__test_search_error-invalid-object.json": _refused(400),
    "signature_vectors.json": _signatures,
}

NOT_OURS: Mapping[str, str] = {
    "amplabs__internal_associations_test_contact-to-company-resp.json": "associations are not created by themselves",
    "amplabs__internal_associations_test_contacts-schema-resp.json": "schemas: we ask for properties",
    "amplabs__test_custom_create_1-payload-create-property-group.json": "a request",
    "amplabs__test_custom_create_3-payload-batch-create-properties.json": "a request",
    "amplabs__test_custom_update_2-payload-batch-create-properties.json": "a request",
    "amplabs__test_custom_update_4-payload-update-property-age.json": "a request",
    "amplabs__test_custom_update_6-payload-update-property-interests.json": "a request",
    "amplabs__test_metadata-contacts-external-pipelines.json": "pipelines: statuses stand in the mapping",
    "amplabs__test_metadata-deals-external-pipelines.json": "pipelines of deals",
    "amplabs__test_read-lists-1-first-page.json": "lists are not read",
    "amplabs__test_read-lists-2-second-page.json": "lists are not read",
    "amplabs__test_read-via-search_contacts-payload.json": "a request",
    "amplabs__test_read_events_e_deal_closed.json": "events of web analytics are not read",
    "amplabs__test_read_events_e_visited_page.json": "events of web analytics are not read",
    "amplabs__test_read_meeting-links.json": "meeting links are not read",
    "amplabs__test_read_objects-api_contacts-req-payload-since-until.json": "a request",
    "amplabs__test_read_objects-api_contacts-req-payload-since.json": "a request",
    "amplabs__test_read_objects-api_contacts-req-payload-until.json": "a request",
    "errors_catalogue.json": "tested one by one below",
}


def test_every_recorded_file_is_tested_or_left_out_for_a_reason() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(OURS) | set(NOT_OURS)


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_recorded_answer_is_understood(name: str) -> None:
    OURS[name](recorded(name))


# The catalogue of errors: what a read and a write make of each


WRITTEN = {
    "auth_missing": NotSignedIn,
    "auth_missing_variant": NotSignedIn,
    "auth_expired": NotSignedIn,
    "missing_scopes_private_app": "refused",
    "missing_scopes_schemas": "refused",
    "object_type_permission": "refused",
    "not_found_object": "refused",
    "not_found_resource": "refused",
    "conflict_single_create": "refused",
    "conflict_batch_create_without_trace_ids": "refused",
    "property_doesnt_exist": "refused",
    "invalid_option": "refused",
    "read_only_value": "refused",
    "invalid_owner_id": "refused",
    "duplicate_ids": "refused",
    "search_unknown_object": "refused",
    "rate_limit_ten_secondly": "later",
    "rate_limit_daily": "later",
    "rate_limit_secondly_search": "later",
    "locked": "later",
    "migration_in_progress": "later",
    "gateway": "unknown",
}
"""What becomes of a row where this is the answer to its write: an outcome, or the error that is raised."""

READ = {"refused": Refused, "later": TryLater, "unknown": TryLater, NotSignedIn: NotSignedIn}
"""What the same answer to a read is."""

ROW_BY_ROW = {
    "multi_status_batch_create_with_trace_ids": "as recorded in a file of its own",
    "multi_status_batch_unknown_id": "as recorded in a file of its own",
    "multi_status_no_associations": "as recorded in a file of its own",
    "multi_status_association_bad_id": "as recorded in a file of its own",
    "oauth_bad_refresh_token": "answers a sign-in, tested below",
}


def catalogue() -> dict[str, Answer]:
    """Each error as an answer; placeholders of headers are replaced by a number."""
    errors = recorded("errors_catalogue.json")["errors"] if FOLDER.is_dir() else []
    return {
        error["name"]: Answer(
            error["body"] if isinstance(error["body"], dict) else b"<html></html>",
            error["status"],
            dict.fromkeys(error.get("headers") or {}, "5"),
        )
        for error in errors
    }


ERRORS = catalogue()


def test_every_error_of_the_catalogue_is_tested() -> None:
    assert set(ERRORS) == set(WRITTEN) | set(ROW_BY_ROW)


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_a_recorded_error_says_what_becomes_of_a_write(name: str) -> None:
    with answering(lambda _: ERRORS[name]) as server:
        portal = Portal(Credentials(server.url, "pat"))
        expected = WRITTEN[name]
        if not isinstance(expected, str):
            with pytest.raises(expected):
                writing.write(portal, CONTACT, MAPPING, [a_write("1")])
            return
        [became] = writing.write(portal, CONTACT, MAPPING, [a_write("1")])

    assert became.outcome == expected


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_a_recorded_error_says_what_becomes_of_a_read(name: str) -> None:
    error = error_of(ERRORS[name], lambda portal: portal.read_each("contacts", ["1"], ()))

    assert isinstance(error, READ[WRITTEN[name]])


def test_a_recorded_refusal_of_a_refresh_token_names_the_way_out() -> None:
    with (
        answering(lambda _: ERRORS["oauth_bad_refresh_token"]) as server,
        pytest.raises(NotSignedIn, match="HUBSPOT_REFRESH_TOKEN"),
    ):
        Portal(Credentials(server.url, "given", {"client_id": "i", "client_secret": "s"}, OAUTH)).sign_in()
