"""What every CRM promises, over HTTP to the sandbox and through the real client library."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.base import NotSignedIn, Refused, Shared, TaskWrite, TryLater, Write
from connectors.registry import CRMS, connect
from domain.leads import Gone, History, Lead, Unreadable, Value
from domain.mapping import CRMS as CONFIGURABLE
from domain.mapping import WRITTEN
from tests.connectors.stage import ANA, BEN, MONDAY, NOT_PEOPLE, Stage, an_hour_ago
from tests.crm_example import credentials
from tests.sandbox_process import SandboxProcess

MOST_CALLS = {"hubspot": 0.06}
"""CRM calls per lead of a backlog; elsewhere 0.03."""


def our_fields(stored: Mapping[str, object]) -> dict[str, object]:
    """Our own fields of a record that hold something."""
    return {
        name: value
        for name, value in stored.items()
        if name.lower().startswith("fairlead_") and value not in (None, "")
    }


def test_there_is_a_connector_for_every_crm_whose_file_is_checked_to_the_word() -> None:
    assert set(CONFIGURABLE) <= set(CRMS)


# Finding


def test_a_new_lead_is_found_by_the_next_poll(stage: Stage) -> None:
    [lead] = stage.leads({"email": "new@firm.example"})

    found = stage.crm.arrived(an_hour_ago())

    assert [seen.key for seen in found.seen] == [stage.key(lead)]


def test_a_lead_that_a_person_owns_is_not_new(stage: Stage) -> None:
    free, owned = stage.many(2)
    stage.takes(ANA, owned)

    found = stage.crm.arrived(an_hour_ago())

    assert [seen.key.id for seen in found.seen] == [free]


def test_the_cursor_stays_behind_the_crms_own_clock(stage: Stage) -> None:
    found = stage.crm.arrived(an_hour_ago())

    assert MONDAY - timedelta(minutes=1) <= found.cursor < MONDAY


def test_a_lead_that_becomes_visible_late_is_still_found_from_the_cursor(stage: Stage) -> None:
    [lead] = stage.many(1)
    cursor = MONDAY + timedelta(minutes=1)

    found = stage.crm.arrived(cursor)

    assert [seen.key.id for seen in found.seen] == [lead]


def test_a_sighting_is_the_same_event_until_the_lead_changes(stage: Stage) -> None:
    [lead] = stage.many(1)
    [first] = stage.crm.arrived(an_hour_ago()).seen
    [again] = stage.crm.arrived(an_hour_ago()).seen
    stage.move_to(MONDAY + timedelta(minutes=10))
    stage.crm.write([Write(stage.key(lead), {"reason": "changed"})])

    [changed] = stage.crm.arrived(an_hour_ago()).seen

    assert first.event == again.event != changed.event


@pytest.mark.parametrize("count", [199, 201, 450])
def test_every_lead_is_found_once_even_when_all_came_in_the_same_instant(stage: Stage, count: int) -> None:
    leads = stage.many(count)

    found = stage.crm.arrived(an_hour_ago())

    assert sorted(seen.key.id for seen in found.seen) == sorted(leads)


def test_leads_that_came_one_after_the_other_are_all_found_across_pages(stage: Stage) -> None:
    leads: list[str] = []
    for minute in range(9):
        stage.move_to(MONDAY + timedelta(minutes=minute))
        leads += stage.many(60)

    found = stage.crm.arrived(an_hour_ago())

    assert sorted(seen.key.id for seen in found.seen) == sorted(leads)
    assert [seen.at for seen in found.seen] == sorted(seen.at for seen in found.seen)


def test_the_reconciliation_finds_unowned_leads_without_a_decision_only(stage: Stage) -> None:
    decided, waiting = stage.many(2)
    stage.crm.write([replace(stage.assigning(decided, ANA), owner_id=None)])

    found = stage.crm.unrouted(an_hour_ago())

    assert [seen.key.id for seen in found.seen] == [waiting]


def test_a_queue_or_user_that_does_not_exist_is_named(stage: Stage) -> None:
    mapping = replace(stage.mapping, unowned_by=("queue:Nowhere",))
    crm = connect(stage.name, credentials(stage.name, stage.sandbox.url), mapping, NOT_PEOPLE)

    with pytest.raises(Refused, match="Nowhere"):
        crm.arrived(an_hour_ago())


@pytest.mark.parametrize("name", sorted(CRMS))
def test_where_our_fields_are_missing_the_way_out_is_told_in_one_line(sandbox: SandboxProcess, name: str) -> None:
    bare = Stage(sandbox, name, provisioned=False)
    [lead] = bare.many(1)

    with pytest.raises(Refused) as refused:
        bare.crm.unrouted(an_hour_ago())
    [written] = bare.crm.write([Write(bare.key(lead), {"rule": "By turns"})])

    for said in (str(refused.value), written.detail):
        assert "fairlead provision" in said
        assert "\n" not in said


@pytest.mark.parametrize("name", sorted(CRMS))
def test_where_our_fields_are_missing_all_rows_wait_and_go_through_once_they_are_there(
    sandbox: SandboxProcess, name: str
) -> None:
    bare = Stage(sandbox, name, provisioned=False)
    leads = bare.many(100)
    owner = bare.stored(leads[0])["owner"]
    writes = [Write(bare.key(lead), {"rule": "By turns"}, f"{lead}/0", bare.ids[ANA], owner) for lead in leads]
    before = bare.crm.calls

    waiting = bare.crm.write(writes)
    calls = bare.crm.calls - before
    bare.crm.provision()
    written = bare.crm.write(writes)

    assert {(one.outcome, one.after) for one in waiting} == {("later", 60.0)}
    assert all("fairlead provision" in one.detail for one in waiting)
    assert calls <= 2
    assert {one.outcome for one in written} == {"applied"}


# Reading


def test_a_lead_is_read_in_canonical_words(stage: Stage) -> None:
    [lead] = stage.leads({"email": "kauf@bank.example", "company": "Bank AG", "country": "Germany"})

    read = stage.read(lead)

    assert read.key == stage.key(lead)
    assert read.created_at == read.modified_at == MONDAY
    assert read.values["email"] == "kauf@bank.example"
    assert read.values["company"] == "Bank AG"
    assert read.values["country"] == "Germany"
    assert "employees" not in read.values
    assert read.unowned
    assert read.decision is None
    assert read.gone is None


def test_an_owned_lead_names_its_owner_by_address(stage: Stage) -> None:
    [lead] = stage.many(1)
    stage.takes(ANA, lead)

    read = stage.read(lead)

    assert (read.owner, read.owner_id, read.unowned) == (ANA, stage.ids[ANA], False)


def test_records_come_back_in_the_order_of_the_request_and_an_unknown_one_is_gone(stage: Stage) -> None:
    first, second, third = stage.many(3)
    stage.control("POST", "delete", {"lead": second})

    read = stage.crm.read([third, second, first])

    assert [one.key.id for one in read] == [third, second, first]
    assert [one.gone for one in read if isinstance(one, Lead)] == [None, Gone.DELETED, None]


def test_text_that_is_no_id_waits_for_a_person_and_its_neighbours_are_read(stage: Stage) -> None:
    [lead] = stage.many(1)

    odd, plain = stage.crm.read(["' OR Id != '", lead])

    assert isinstance(odd, Unreadable)
    assert isinstance(plain, Lead)


# Writing


def test_owner_decision_and_fields_are_written_in_one_row(stage: Stage) -> None:
    [lead] = stage.many(1)
    write = stage.assigning(lead, ANA, rule="By turns", attempts=2, routed_at=MONDAY.isoformat(), sla_state="On track")

    [written] = stage.crm.write([write])

    read = stage.read(lead)
    assert written.outcome == "applied"
    assert (read.owner, read.decision) == (ANA, "d1/0")
    assert "By turns" in stage.stored(lead).values()
    assert stage.owner_changes(lead).count("api") == 1


def test_a_text_longer_than_its_field_is_cut_and_not_refused(stage: Stage) -> None:
    [lead] = stage.many(1)

    [written] = stage.crm.write([Write(stage.key(lead), {"reason": "x" * 400})])

    assert written.outcome == "applied"
    assert "x" * 254 + "…" in stage.stored(lead).values()


def test_every_written_back_field_takes_a_value_and_can_be_emptied(stage: Stage) -> None:
    [lead] = stage.many(1)
    values: dict[str, Value] = {"text": "a", "long_text": "b", "datetime": MONDAY.isoformat(), "number": 3}
    free = [field for field in WRITTEN if field.name != "decision"]  # which is written with an owner to guard
    full = {field.name: field.choices[0] if field.type == "choice" else values[field.type] for field in free}
    key = stage.key(lead)

    [filled] = stage.crm.write([Write(key, full)])
    with_values = our_fields(stage.stored(lead))
    [emptied] = stage.crm.write([Write(key, dict.fromkeys(full))])

    assert (filled.outcome, emptied.outcome) == ("applied", "applied")
    assert len(with_values) == len(full)
    assert our_fields(stage.stored(lead)) == {}


def test_an_owner_whom_a_person_chose_first_is_not_overwritten(stage: Stage) -> None:
    taken, free = stage.many(2)
    writes = [stage.assigning(taken, ANA), stage.assigning(free, ANA)]
    stage.takes(BEN, taken)

    written = stage.crm.write(writes)

    assert [one.outcome for one in written] == ["lost", "applied"]
    assert stage.read(taken).owner == BEN
    assert stage.read(taken).decision is None
    assert stage.owner_changes(taken).count("api") == 0
    assert stage.read(free).owner == ANA


def test_a_lead_is_handed_on_from_the_owner_that_was_expected(stage: Stage) -> None:
    [lead] = stage.many(1)
    stage.crm.write([stage.assigning(lead, ANA)])

    [written] = stage.crm.write([stage.assigning(lead, BEN, "d1/1")])

    assert written.outcome == "applied"
    assert (stage.read(lead).owner, stage.read(lead).decision) == (BEN, "d1/1")


def test_fields_alone_leave_the_owner_alone(stage: Stage) -> None:
    [lead] = stage.many(1)
    stage.takes(BEN, lead)

    [written] = stage.crm.write([Write(stage.key(lead), {"sla_state": "At risk"})])

    assert written.outcome == "applied"
    assert stage.read(lead).owner == BEN


@pytest.mark.parametrize("bad", [0, 37, 99])
def test_a_bad_row_never_fails_its_neighbours(stage: Stage, bad: int) -> None:
    leads = stage.many(100)
    writes = stage.assigning_all(leads, ANA)
    writes[bad] = replace(writes[bad], fields={"sla_state": "No such choice"})

    written = stage.crm.write(writes)

    assert [at for at, one in enumerate(written) if one.outcome != "applied"] == [bad]
    assert written[bad].outcome == "refused"
    assert written[bad].detail


def test_a_row_with_a_field_that_nobody_mapped_is_refused_by_name(stage: Stage) -> None:
    one, other = stage.many(2)

    written = stage.crm.write(
        [Write(stage.key(one), {"custom.sequence": "smb"}), Write(stage.key(other), {"pool": "a"})]
    )

    assert [row.outcome for row in written] == ["refused", "applied"]
    assert "custom.sequence" in written[0].detail


def test_a_deleted_lead_is_refused_with_the_crms_own_reason(stage: Stage) -> None:
    [lead] = stage.many(1)
    write = stage.assigning(lead, ANA)
    stage.control("POST", "delete", {"lead": lead})

    [written] = stage.crm.write([write])

    assert written.outcome == "refused"
    assert written.detail


def test_a_write_whose_answer_got_lost_is_unknown_and_not_sent_again(stage: Stage) -> None:
    leads = stage.many(3)
    writes = stage.assigning_all(leads, ANA)
    stage.fault({"drop_after_write": True}, times=1, **stage.writes())

    written = stage.crm.write(writes)

    assert {one.outcome for one in written} == {"unknown"}
    assert [stage.owner_changes(lead).count("api") for lead in leads] == [1, 1, 1]


def test_a_write_whose_answer_got_lost_is_confirmed_though_somebody_took_the_lead_since(stage: Stage) -> None:
    kept, taken = stage.many(2)
    writes = [stage.assigning(kept, ANA), stage.assigning(taken, ANA)]
    stage.fault({"drop_after_write": True}, times=1, **stage.writes())
    stage.crm.write(writes)
    stage.takes(BEN, taken)

    confirmed = stage.crm.confirm(writes)

    assert [(one.key, one.outcome) for one in confirmed] == [(write.key, "applied") for write in writes]
    assert [stage.read(lead).owner for lead in (kept, taken)] == [ANA, BEN]
    assert [stage.read(lead).decision for lead in (kept, taken)] == ["d1/0", "d1/0"]


def test_a_write_that_was_put_off_says_how_long_to_wait(stage: Stage) -> None:
    [lead] = stage.many(1)
    write = stage.assigning(lead, ANA)
    stage.fault({"status": 429, "retry_after": 7}, times=1, **stage.writes())

    [written] = stage.crm.write([write])

    assert (written.outcome, written.after) == ("later", 7.0)
    assert stage.read(lead).decision is None


def test_an_answer_that_says_nothing_about_a_write_leaves_it_unknown(stage: Stage) -> None:
    [lead] = stage.many(1)
    write = stage.assigning(lead, ANA)
    stage.fault({"status": 500}, times=1, **stage.writes())

    [written] = stage.crm.write([write])

    assert written.outcome == "unknown"


# Failing


def test_a_read_survives_one_stumble(stage: Stage) -> None:
    [lead] = stage.many(1)
    stage.fault({"status": 500}, times=1, **stage.reads())

    assert stage.read(lead).key.id == lead


@pytest.mark.parametrize("do", [{"status": 429, "retry_after": 3}, {"status": 503}, {"drop_before": True}], ids=str)
def test_a_read_that_fails_for_longer_is_for_later(stage: Stage, do: dict[str, object]) -> None:
    [lead] = stage.many(1)
    stage.fault(do, times=9, **stage.reads())

    with pytest.raises(TryLater) as later:
        stage.crm.read([lead])

    assert later.value.after == do.get("retry_after", later.value.after)


def test_no_call_waits_longer_than_its_time_limit(stage: Stage) -> None:
    [lead] = stage.many(1)
    build = type(stage.crm)
    crm = build(credentials(stage.name, stage.sandbox.url), stage.mapping, NOT_PEOPLE, Shared(), (3.05, 0.2))  # type: ignore[call-arg]
    crm.sign_in()
    stage.fault({"latency": 20}, times=9, **stage.reads())

    with pytest.raises(TryLater):
        crm.read([lead])


def test_wrong_credentials_are_not_signed_in(stage: Stage) -> None:
    wrong = replace(credentials(stage.name, stage.sandbox.url), secret="wrong")
    crm = connect(stage.name, wrong, stage.mapping, NOT_PEOPLE)

    with pytest.raises(NotSignedIn):
        crm.sign_in()


def test_an_absent_credential_is_named_before_anything_is_sent(stage: Stage) -> None:
    crm = connect(stage.name, replace(credentials(stage.name, stage.sandbox.url), secret=""), stage.mapping, NOT_PEOPLE)

    with pytest.raises(NotSignedIn, match="needs"):
        crm.sign_in()

    assert crm.calls == 0


def test_an_address_where_nobody_listens_is_for_later(stage: Stage) -> None:
    crm = connect(stage.name, credentials(stage.name, "http://127.0.0.1:9"), stage.mapping, NOT_PEOPLE)

    with pytest.raises(TryLater):
        crm.sign_in()


# Beside the lead


def test_users_are_told_with_their_addresses(stage: Stage) -> None:
    users = {user.email: user for user in stage.crm.users()}

    assert users[ANA].id == stage.ids[ANA]
    assert users[ANA].name == "Ana Keller"
    assert users[ANA].active


def test_open_leads_are_counted_per_owner_without_those_that_are_closed(stage: Stage) -> None:
    closed, *leads = stage.leads({"status": stage.mapping.statuses["disqualified"][0]}, {}, {}, {})
    for lead in (closed, *leads[:2]):
        stage.takes(ANA, lead)
    stage.takes(BEN, leads[2])

    counts = stage.crm.open_leads([stage.ids[ANA], stage.ids[BEN], "999999"])

    assert counts == {stage.ids[ANA]: 2, stage.ids[BEN]: 1, "999999": 0}


def test_a_call_is_told_with_when_it_happened_and_when_it_was_logged(stage: Stage) -> None:
    [lead] = stage.many(1)
    at, logged_at = MONDAY + timedelta(minutes=10), MONDAY + timedelta(minutes=40)
    stage.move_to(MONDAY + timedelta(hours=1))
    call = {
        "lead": lead,
        "owner": stage.ids[ANA],
        "seconds": 90,
        "at": at.isoformat(),
        "logged_at": logged_at.isoformat(),
    }
    stage.control("POST", "calls", [call])

    [read] = stage.crm.activities_of([lead])
    polled = stage.crm.activities(stage.crm.activity_kinds[0], an_hour_ago())

    assert (read.kind, read.lead, read.by, read.talk_seconds) == ("call", stage.key(lead), ANA, 90)
    assert (read.happened_at, read.logged_at) == (at, logged_at)
    assert (read.direction, read.answered, read.automated) == ("outbound", True, False)
    assert polled.activities == (read,)
    assert polled.cursor < MONDAY + timedelta(hours=1)


def test_an_email_by_a_person_is_told(stage: Stage) -> None:
    lead, other = stage.many(2)
    stage.control("POST", "emails", [{"lead": lead, "owner": stage.ids[BEN]}])

    [read] = stage.crm.activities_of([lead, other])

    assert (read.kind, read.lead, read.by, read.direction) == ("email", stage.key(lead), BEN, "outbound")
    assert not read.automated


def test_a_call_that_nobody_answered_is_no_contact(stage: Stage) -> None:
    [lead] = stage.many(1)
    stage.control("POST", "calls", [{"lead": lead, "owner": stage.ids[ANA], "seconds": 0}])

    [read] = stage.crm.activities_of([lead])

    assert (read.answered, read.talk_seconds) == (False, 0)


def a_task(stage: Stage, lead: str, token: str = "d1/0:task") -> TaskWrite:
    return TaskWrite(stage.key(lead), stage.ids[ANA], "Call them <today>", MONDAY + timedelta(hours=1), token)


def test_a_task_that_may_have_been_sent_before_is_created_once_however_often_it_is_asked_for(stage: Stage) -> None:
    [lead] = stage.many(1)
    task = a_task(stage, lead)
    second = replace(a_task(stage, lead, "d1/1:task"), again=True)

    first = stage.crm.create_tasks([task])
    again = stage.crm.create_tasks([replace(task, again=True), second])
    stage.sandbox.control("DELETE", "/calls")
    third = stage.crm.create_tasks([replace(task, again=True), second])

    log = stage.sandbox.control("GET", "/calls")["log"]
    assert [one.outcome for one in (*first, *again, *third)] == ["applied"] * 5
    assert log
    assert not [call for call in log if call["path"].endswith(stage.creation())]


def test_a_task_whose_answer_got_lost_is_found_when_it_is_sent_again(stage: Stage) -> None:
    [lead] = stage.many(1)
    task = a_task(stage, lead)
    stage.fault({"drop_after_write": True}, times=1, method="POST", path=stage.creation())

    [lost] = stage.crm.create_tasks([task])
    before = stage.crm.calls
    [again] = stage.crm.create_tasks([replace(task, again=True)])

    looked = stage.crm.calls - before
    assert (lost.outcome, again.outcome, looked) == ("unknown", "applied", stage.about.calls_to_look)


def test_where_looking_for_a_task_fails_it_waits_and_the_new_ones_are_created(stage: Stage) -> None:
    doubtful, new = stage.many(2)
    stage.fault({"status": 429, "retry_after": 7}, times=1, **stage.looks_for_tasks())

    written = stage.crm.create_tasks([
        replace(a_task(stage, doubtful), again=True), a_task(stage, new, "d2/0:task"),
    ])  # fmt: skip

    assert [(one.outcome, one.after) for one in written] == [("later", 7.0), ("applied", None)]


def test_companies_are_mirrored_with_their_owners(stage: Stage) -> None:
    stage.control("POST", "accounts", [{**stage.about.company, stage.about.owner: stage.ids[ANA]}])

    first = stage.crm.accounts(None)
    since = stage.crm.accounts(MONDAY + timedelta(hours=1))

    [account] = first.accounts
    assert (account.name, account.domain, account.owner, account.is_customer) == ("Acme", "acme.example", ANA, True)
    assert first.cursor < MONDAY
    assert since.accounts == ()


def test_provisioning_a_second_time_changes_nothing_and_says_so(stage: Stage) -> None:
    done = stage.crm.provision()

    assert {one.result for one in done} == {"there"}
    assert len(done) > len(WRITTEN)


def test_an_examination_that_a_limit_ends_says_what_it_is_and_when_to_try_again(stage: Stage) -> None:
    stage.fault({"status": 429, "retry_after": 40}, times=1000)

    findings = stage.crm.examine()

    assert {one.way_out for one in findings if one.ok is None and one.way_out.endswith("in 40 s")}
    assert not [one for one in findings if one.ok is False]


# Thrift


def test_a_backlog_costs_few_calls(stage: Stage) -> None:
    leads = stage.many(200)
    stage.crm.users()
    found = stage.crm.arrived(an_hour_ago())
    before = stage.crm.calls

    read = [lead for lead in stage.crm.read([seen.key.id for seen in found.seen]) if isinstance(lead, Lead)]
    written = stage.crm.write([
        Write(lead.key, {"rule": "By turns"}, f"{lead.key.id}/0", stage.ids[ANA], lead.owner_id) for lead in read
    ])  # fmt: skip
    tasks = stage.crm.create_tasks([a_task(stage, lead, f"{lead}/0:task") for lead in leads])

    assert [one.outcome for one in (*written, *tasks)] == ["applied"] * 2 * len(leads)
    assert (stage.crm.calls - before) / len(leads) <= MOST_CALLS.get(stage.name, 0.03)


def test_every_call_to_the_crm_is_counted(stage: Stage) -> None:
    stage.sandbox.control("DELETE", "/calls")
    before = stage.crm.calls
    stage.crm.users()
    stage.crm.arrived(an_hour_ago())
    stage.crm.read(stage.many(2))

    assert stage.crm.calls - before == stage.sandbox.control("GET", "/calls")[stage.name]


def test_only_the_kinds_of_activity_that_the_mapping_names_are_read(stage: Stage) -> None:
    [lead] = stage.many(1)
    for kind in ("calls", "emails"):
        stage.control("POST", kind, [{"lead": lead, "owner": stage.ids[ANA], "seconds": 60}])
    calls_only = replace(stage.mapping, activities={"calls": "anything"})
    crm = connect(stage.name, credentials(stage.name, stage.sandbox.url), calls_only, NOT_PEOPLE)
    crm.sign_in()

    assert [one.kind for one in crm.activities_of([lead])] == ["call"]
    assert {one.kind for one in stage.crm.activities_of([lead])} == {"call", "email"}


# What was when


def test_the_history_tells_who_had_a_lead_when_and_what_its_status_was(stage: Stage) -> None:
    lead, other = stage.many(2)
    working = stage.about.disqualified
    for minutes, change in enumerate(
        (
            lambda: stage.takes(ANA, lead),
            lambda: stage.control("POST", "fields", {"lead": lead, "fields": {stage.about.fields["status"]: working}}),
            lambda: stage.takes(BEN, lead),
        ),
        start=1,
    ):
        stage.move_to(MONDAY + timedelta(minutes=minutes))
        change()
    stage.move_to(MONDAY + timedelta(minutes=9))

    before = stage.crm.calls
    told, untouched = stage.crm.history([lead, other])

    assert stage.crm.calls - before == 1
    assert isinstance(told, History)
    assert [(one.value, one.at) for one in told.owners[-2:]] == [
        (stage.ids[ANA], MONDAY + timedelta(minutes=1)),
        (stage.ids[BEN], MONDAY + timedelta(minutes=3)),
    ]
    assert (told.statuses[-1].value, told.statuses[-1].at) == (working, MONDAY + timedelta(minutes=2))
    assert told.owners[-1].value == stage.read(lead).owner_id
    assert isinstance(untouched, History)
    assert {one.value for one in untouched.owners} <= {None, stage.read(other).owner_id}


def test_an_id_that_is_none_has_no_history(stage: Stage) -> None:
    [told] = stage.crm.history(["no such id"])

    assert told == History(stage.key("no such id"))
