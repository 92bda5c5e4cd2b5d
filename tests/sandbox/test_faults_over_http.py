"""What a client gets from a struck call, and what the CRM did all the same: over real HTTP."""

import time

import pytest
import requests

from tests.sandbox.conftest import Acme


def fault(acme: Acme, **wish: object) -> None:
    acme.sandbox.control("POST", "/faults", {"method": "PATCH", "path": "/sobjects/Lead/", **wish})


def give_to_ana(acme: Acme, lead: str) -> requests.Response:
    return write(acme, lead, {"OwnerId": acme.ana})


def write(acme: Acme, lead: str, fields: dict[str, str]) -> requests.Response:
    return requests.patch(
        f"{acme.sandbox.url}/services/data/v59.0/sobjects/Lead/{lead}",
        json=fields,
        headers={"Authorization": f"Bearer {acme.salesforce.session_id}"},
        timeout=10,
    )


def read(acme: Acme, lead: str) -> requests.Response:
    return requests.get(
        f"{acme.sandbox.url}/services/data/v59.0/sobjects/Lead/{lead}",
        headers={"Authorization": f"Bearer {acme.salesforce.session_id}"},
        timeout=10,
    )


def becomes_hers(acme: Acme, lead: str) -> bool:
    """Whether Ana gets it within ten seconds; looks as often as it can."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if acme.seen(lead)["owner"] == acme.ana:
            return True
    return False


def test_an_answer_that_is_cut_breaks_in_the_middle_of_what_its_length_promises(acme: Acme) -> None:
    lead = acme.lead()
    fault(acme, method="GET", do={"cut_after": 20})

    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="20 bytes read"):
        read(acme, lead)


def test_an_answer_shorter_than_the_cut_arrives_whole(acme: Acme) -> None:
    lead = acme.lead()
    fault(acme, method="GET", do={"cut_after": 1_000_000})

    assert read(acme, lead).json()["Id"] == lead


def test_a_truncated_answer_comes_as_if_it_were_whole(acme: Acme) -> None:
    lead = acme.lead()
    fault(acme, method="GET", do={"truncated_json": True})

    answer = read(acme, lead)

    assert (answer.status_code, len(answer.content)) == (200, int(answer.headers["Content-Length"]))
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_a_web_page_in_the_place_of_json_means_that_nothing_was_done(acme: Acme) -> None:
    lead = acme.lead()
    fault(acme, do={"html": 502})

    answer = give_to_ana(acme, lead)

    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert acme.seen(lead)["owner"] != acme.ana


def test_an_error_can_hide_in_a_200(acme: Acme) -> None:
    lead = acme.lead()
    fault(acme, method="GET", do={"error_inside": True})

    answer = read(acme, lead)

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (200, "UNKNOWN_EXCEPTION")


@pytest.mark.parametrize("body", [None, [], {"records": None}], ids=str)
def test_a_call_can_be_answered_with_any_json(acme: Acme, body: object) -> None:
    lead = acme.lead()
    fault(acme, do={"answer_with": body})

    answer = give_to_ana(acme, lead)

    assert (answer.status_code, answer.json()) == (200, body)
    assert acme.seen(lead)["owner"] != acme.ana


def test_a_request_that_a_gateway_repeats_is_done_twice_and_answered_once(acme: Acme) -> None:
    acme.sandbox.control("POST", "/faults", {"method": "POST", "path": "/sobjects/Lead", "do": {"answer_twice": True}})

    made = acme.salesforce.Lead.create({"LastName": "Doe", "Company": "Twice"})

    leads = [row["Id"] for row in acme.rows("SELECT Id FROM Lead WHERE Company = 'Twice' ORDER BY Id")]
    assert len(leads) == 2
    assert leads[1] == made["id"]


def test_a_late_write_is_answered_now_and_done_later(acme: Acme) -> None:
    lead = acme.lead()
    fault(acme, do={"apply_late": 0.3, "status": 504})

    answer = give_to_ana(acme, lead)

    assert (answer.status_code, acme.seen(lead)["owner"] == acme.ana) == (504, False)
    assert becomes_hers(acme, lead)


def test_a_late_write_without_a_status_loses_its_answer(acme: Acme) -> None:
    lead = acme.lead()
    fault(acme, do={"apply_late": 0.3})

    with pytest.raises(requests.ConnectionError):
        give_to_ana(acme, lead)

    assert becomes_hers(acme, lead)


def test_a_late_write_can_wait_for_business_time(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("PUT", "/clock", {"now": "2026-06-01T09:00:00Z", "speed": 0})
    fault(acme, do={"apply_late": {"seconds": 30, "time": "business"}, "status": 504})
    give_to_ana(acme, lead)
    assert acme.seen(lead)["owner"] != acme.ana

    acme.sandbox.control("PUT", "/clock", {"now": "2026-06-01T09:00:30Z"})

    assert becomes_hers(acme, lead)


def test_a_reset_forgets_the_writes_that_wait(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("PUT", "/clock", {"now": "2026-06-01T09:00:00Z", "speed": 0})
    fault(acme, do={"apply_late": {"seconds": 30, "time": "business"}, "status": 504})
    write(acme, lead, {"City": "Ulm"})

    acme.sandbox.reset()
    assert acme.lead() == lead
    acme.sandbox.control("PUT", "/clock", {"now": "2026-06-01T10:00:00Z"})

    assert {read(acme, lead).json()["City"] for _ in range(50)} == {None}


def test_an_answer_can_come_without_a_date(acme: Acme) -> None:
    lead = acme.lead()
    fault(acme, method="GET", do={"date": "missing"})

    assert "Date" not in read(acme, lead).headers


def test_an_answer_can_tell_a_date_that_is_none(acme: Acme) -> None:
    lead = acme.lead()
    fault(acme, method="GET", do={"date": "yesterday"})

    assert read(acme, lead).headers["Date"] == "yesterday"


def test_a_clock_can_be_an_hour_behind(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("PUT", "/clock", {"now": "2026-06-01T09:00:00Z", "speed": 0})
    fault(acme, method="GET", do={"clock_skew": -3600})

    assert read(acme, lead).headers["Date"] == "Mon, 01 Jun 2026 08:00:00 GMT"


def test_a_storm_has_a_name_and_can_be_cleared(acme: Acme) -> None:
    begun = acme.sandbox.control("POST", "/faults/storm")

    assert len(begun["ids"]) > 10
    acme.sandbox.control("DELETE", "/faults")
    assert read(acme, acme.lead()).status_code == 200


def test_a_storm_that_is_not_known_is_refused_with_those_that_are(acme: Acme) -> None:
    with pytest.raises(RuntimeError, match=r"404 .*'strom'; there are \['storm'\]"):
        acme.sandbox.control("POST", "/faults/strom")


def test_the_log_says_what_struck_a_call_and_how_many_records_it_held(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("DELETE", "/calls")
    acme.sandbox.control("POST", "/faults", {"do": {"latency": 0.01, "status": 503}})
    rows = [{"attributes": {"type": "Lead"}, "id": lead, "City": "Ulm"}] * 2

    requests.patch(
        f"{acme.sandbox.url}/services/data/v59.0/composite/sobjects",
        json={"records": rows},
        headers={"Authorization": f"Bearer {acme.salesforce.session_id}"},
        timeout=10,
    )

    [call] = acme.sandbox.control("GET", "/calls")["log"]
    assert (call["status"], call["records"], call["faults"]) == (503, 2, ["status", "latency"])
    assert call["seconds"] > 0.0


def test_calls_can_be_asked_for_by_crm_path_and_time(acme: Acme) -> None:
    lead = acme.lead()
    acme.sandbox.control("DELETE", "/calls")
    for url in ("/crm/v3/owners", f"/services/data/v59.0/sobjects/Lead/{lead}", "/services/data/v59.0/limits"):
        requests.get(acme.sandbox.url + url, timeout=10)
    first, second, third = acme.sandbox.control("GET", "/calls")["log"]

    def paths(question: str) -> list[str]:
        return [call["path"] for call in acme.sandbox.control("GET", f"/calls?{question}")["log"]]

    assert paths("crm=hubspot") == [first["path"]]
    assert paths("path=/sobjects/") == [second["path"]]
    assert paths(f"since={third['at_real']}") == [third["path"]]


def test_calls_are_counted_by_path_whatever_record_it_names(acme: Acme) -> None:
    leads = [acme.lead(), acme.lead()]
    acme.sandbox.control("DELETE", "/calls")

    for lead in leads:
        read(acme, lead)

    assert acme.sandbox.control("GET", "/calls?path=/sobjects/")["counts"] == [
        {"crm": "salesforce", "method": "GET", "path": "/services/data/v59.0/sobjects/Lead/{id}", "calls": 2}
    ]


def test_a_question_about_calls_that_is_misspelt_is_refused(acme: Acme) -> None:
    with pytest.raises(RuntimeError, match="'crn'"):
        acme.sandbox.control("GET", "/calls?crn=hubspot")
