"""Files of calls: many legs are one call, machines are no people, and a broken line costs itself only."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.lines import Fault, NotATable
from connectors.telephony.cdr import Reading, legs
from connectors.telephony.legs import calls
from domain.activities import Call, joined_calls

BERLIN = ZoneInfo("Europe/Berlin")
NINE = 1_795_420_800  # 2026-11-23T08:00:00Z: nine o'clock in Berlin


def line(
    src: str = "101",
    dst: str = "03055501",
    start: str = "09:00:00",
    *,
    answer: str = "",
    end: str = "09:00:20",
    talked: int = 0,
    state: str = "NO ANSWER",
    app: str = "Dial",
    id_: str = f"{NINE}.7",
    context: str = "users",
    clid: str = "",
    to: str = "X/none",
    more: str = "",
) -> str:
    times = ",".join(f'"2026-11-23 {time}"' if time else '""' for time in (start, answer, end))
    return (
        f'"","{src}","{dst}","{context}","{clid}","Trunk/none-1","{to}","{app}","",{times},20,{talked},'
        f'"{state}","DOCUMENTATION","{id_}",""{more}'
    )


def answered(talked: int = 15, **more: str) -> str:
    return line(answer="09:00:05", talked=talked, state="ANSWERED", **more)


def read(*lines: str, reading: Reading | None = None) -> tuple[list[Call], list[Fault]]:
    faults: list[Fault] = []
    found = legs(enumerate(lines, start=1), reading or Reading(), faults.append)
    return calls(found), faults


def only(*lines: str, reading: Reading | None = None) -> Call:
    (call,), faults = read(*lines, reading=reading)
    assert faults == []
    return call


@pytest.mark.parametrize(
    "legs_of_one",
    [
        pytest.param([line(), answered()], id="two phones that rang at once"),
        pytest.param([answered(), line()], id="in the other order"),
        pytest.param([answered(), answered()], id="the same line twice"),
        pytest.param([line(start="09:00:01", id_=f"{NINE + 1}.7"), answered()], id="a second apart in their ids, too"),
        pytest.param(
            [line(id_=f"pbx-{NINE}.7"), answered(id_=f"pbx-{NINE}.7")], id="where ids begin with the host's name"
        ),
        pytest.param(
            [
                line(id_=f"{NINE}.7", more=f',"","{NINE}.7",1'),
                answered(id_=f"{NINE}.9", more=f',"","{NINE}.7",2'),
            ],
            id="channels that are linked",
        ),
        pytest.param([line(id_=""), answered(start="09:00:02", id_="")], id="without ids, two seconds apart"),
    ],
)
def test_legs_of_one_call_are_one_call(legs_of_one: list[str]) -> None:
    call = only(*legs_of_one)
    assert (call.answered_by, call.talk_seconds) == ("human", 15)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(line(id_=f"{NINE}.8"), id="another id in the same second"),
        pytest.param(line(start="09:00:18", id_=f"{NINE + 18}.7"), id="the channel's number once more, later"),
        pytest.param(line(start="09:01:00", end="09:01:20", id_=f"{NINE + 60}.9"), id="a redial"),
    ],
)
def test_other_calls_stay_calls_of_their_own(other: str) -> None:
    found, _ = read(answered(), other)
    assert [call.answered_by for call in found] == ["human", "nobody"]


def test_a_call_that_is_put_through_is_one_call_that_lasts_as_long_as_both() -> None:
    first = answered(talked=15, end="09:00:20")
    second = line(start="09:00:20", answer="09:00:20", end="09:01:20", talked=60, state="ANSWERED")
    assert (only(first, second).talk_seconds, only(first, second).started_at.second) == (75, 0)


@pytest.mark.parametrize(
    ("leg", "who"),
    [
        pytest.param(answered(), "human", id="put through and answered"),
        pytest.param(answered(app="Queue", to="PJSIP/102-0a"), "human", id="answered out of a queue"),
        pytest.param(answered(app="Queue", to=""), "machine", id="left in a queue"),
        pytest.param(answered(app="Hangup"), "machine", id="an announcement, and hung up"),
        pytest.param(answered(app="Wait"), "machine", id="waiting"),
        pytest.param(answered(app="VoiceMail"), "machine", id="a mailbox"),
        pytest.param(answered(app="BackGround"), "machine", id="an IVR"),
        pytest.param(answered(talked=0), "nobody", id="answered for no second"),
        pytest.param(answered(talked=0, app="Answer"), "nobody", id="by a machine, for no second"),
        pytest.param(line(state="BUSY"), "nobody", id="busy"),
        pytest.param(line(state="FAILED"), "nobody", id="failed"),
        pytest.param(line(talked=30), "nobody", id="not answered, whatever it was billed"),
    ],
)
def test_who_answered(leg: str, who: str) -> None:
    assert only(leg).answered_by == who


@pytest.mark.parametrize(
    ("leg", "expected"),
    [
        pytest.param(line("101", "03055501"), ("outbound", "03055501", "101"), id="an extension calls out"),
        pytest.param(line("03055501", "101"), ("inbound", "03055501", "101"), id="an extension is called"),
        pytest.param(line("101", "102"), ("internal", "102", "101"), id="an extension calls another"),
        pytest.param(
            line("03055501", "03099900", context="from-trunk", to="PJSIP/102-0000af"),
            ("inbound", "03055501", "102"),
            id="by a trunk, to whoever's phone was rung",
        ),
        pytest.param(
            line("03099900", "03055501", context="outbound-allroutes"),
            ("outbound", "03055501", "03099900"),
            id="by the context's name, with the company's number as the caller",
        ),
        pytest.param(line("03055501", "03099900", context="xy"), (None, "03099900", None), id="nobody can tell"),
    ],
)
def test_which_way_a_call_went_and_whose_number_it_is(leg: str, expected: tuple[str | None, str, str | None]) -> None:
    call = only(leg)
    assert (call.direction, call.number, call.agent) == expected


def test_where_nothing_else_tells_the_exchanges_own_phones_have_names() -> None:
    own = '""Ana Doe"" <03099901>'
    found, _ = read(
        line("03099901", "03055501", context="a", id_=f"{NINE}.1", clid=own),
        line("03055502", "03099900", context="b", id_=f"{NINE}.2", clid='"""" <03055502>'),
        line("03055503", "03099901", context="a", id_=f"{NINE}.3", clid='"""" <03055503>'),
        line("03099901", "03055501", context="a", id_=f"{NINE}.4", clid=own),
    )
    assert [call.direction for call in found] == ["outbound", "inbound", "inbound", "outbound"]


def test_of_a_few_new_lines_nothing_is_learnt_about_who_calls_whom() -> None:
    two_reps = [line(f"0309990{at}", "03055501", context="a", id_=f"{NINE}.{at}") for at in (1, 2)]
    directions = [
        [call.direction for call in read(*two_reps, reading=Reading(whole=whole))[0]] for whole in (True, False)
    ]
    assert directions == [["inbound", "inbound"], [None, None]]


def test_a_context_that_is_named_as_inbound_is_taken_as_such() -> None:
    reading = Reading(inbound=frozenset({"Door"}))
    assert only(line("101", "03055501", context="door"), reading=reading).direction == "inbound"


@pytest.mark.parametrize(
    ("reading", "id_", "hour"),
    [
        pytest.param(Reading(), f"{NINE}.7", 8, id="the id says how far the clock on the wall is from UTC"),
        pytest.param(Reading(), "abc", 9, id="without such an id, UTC"),
        pytest.param(Reading(zone=BERLIN), "abc", 8, id="the zone that was given"),
    ],
)
def test_when_a_call_began(reading: Reading, id_: str, hour: int) -> None:
    assert only(line(id_=id_), reading=reading).started_at == datetime(2026, 11, 23, hour, tzinfo=UTC)


def test_a_line_may_name_the_zone_of_some_of_its_times_only() -> None:
    mixed = answered().replace('09:00:00"', '09:00:00+01:00"')
    assert only(mixed) == only(answered())


def test_columns_are_found_by_their_names() -> None:
    header = "calldate,clid,src,dst,dcontext,channel,dstchannel,lastapp,duration,billsec,disposition,uniqueid,did"
    row = f"2026-11-23 09:00:00,x,03055501,s,ivr,a,PJSIP/102-01,Dial,20,15,ANSWERED,{NINE}.7,03099900"
    call = only(header, row)
    assert (call.direction, call.number, call.agent, call.talk_seconds) == ("inbound", "03055501", "102", 15)


def test_values_may_be_padded_with_blanks() -> None:
    assert only(answered().replace(",", ", ")).answered_by == "human"


GENERIC = "call_id,started_at,answered_at,ended_at,direction,from,to,agent"
AT = "2026-11-23T09:00:00+01:00"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(
            f"c1,{AT},2026-11-23T09:00:05+01:00,2026-11-23T09:01:05+01:00,outbound,101,+493055501,ana@acme.example",
            ("outbound", "+493055501", "ana@acme.example", 60, "human"),
            id="answered",
        ),
        pytest.param(f"c1,{AT},,{AT},out,101,+4930,ana", ("outbound", "+4930", "ana", 0, "nobody"), id="in vain"),
        pytest.param(f"c1,{AT},{AT},{AT},out,1,+4930,ana", ("outbound", "+4930", "ana", 0, "nobody"), id="no second"),
        pytest.param(
            f"c1,{AT},{AT},2026-11-23T09:01:00+01:00,inbound,+4930,101,",
            ("inbound", "+4930", None, 60, "machine"),
            id="rang in, and none of ours took part",
        ),
        pytest.param(
            f"c1,{AT},{AT},2026-11-23T09:01:00+01:00,inbound,+4930,101,IVR 2",
            ("inbound", "+4930", "IVR 2", 60, "machine"),
            id="a menu answered",
        ),
    ],
)
def test_the_generic_table(row: str, expected: tuple[str | None, str, str | None, int, str]) -> None:
    call = only(GENERIC, row)
    assert (call.direction, call.number, call.agent, call.talk_seconds, call.answered_by) == expected


def test_rows_of_the_generic_table_with_one_id_are_one_call() -> None:
    found, _ = read(
        GENERIC,
        f"c1,{AT},,2026-11-23T09:00:20+01:00,inbound,+4930,101,ben",
        f"c1,{AT},2026-11-23T09:00:20+01:00,2026-11-23T09:00:50+01:00,inbound,+4930,102,ana",
        f"c2,{AT},,{AT},inbound,+4930,101,ben",
    )
    assert [(call.agent, call.answered_by) for call in found] == [("ana", "human"), ("ben", "nobody")]


@pytest.mark.parametrize(
    ("broken", "column", "says"),
    [
        pytest.param('"","101","03', 10, "never closed", id="cut off in a value"),
        pytest.param('"","101"', 9, "2 values, and not 16 to 21", id="cut off between values"),
        pytest.param(line().replace("2026-11-23 09:00:00", "23.11.2026"), 66, "start '23.11.2026' is not", id="a date"),
        pytest.param(
            line().replace('2026-11-23 09:00:00","","2026-11-23 09:00:20', '9999-12-31 23:59:59","","'),
            66,
            "start '9999-12-31 23:59:59' is not",
            id="a year that nobody has seen",
        ),
        pytest.param(line(state="PERHAPS"), 118, "disposition 'PERHAPS'", id="a state that is none"),
        pytest.param(line(end="08:00:00"), 91, "ends before it starts", id="an end before the beginning"),
        pytest.param(line() + ',"","",1,2', 164, "22 values", id="too many values"),
        pytest.param("nothing at all", 15, "1 values", id="something else"),
        pytest.param("a\0b", 2, "null character", id="a null character"),
    ],
)
def test_a_broken_line_is_named_with_its_column_and_costs_no_other(broken: str, column: int, says: str) -> None:
    found, (fault,) = read(line(id_=f"{NINE}.1"), broken, answered(id_=f"{NINE}.2"))
    assert (fault.line, fault.column, says in fault.message) == (2, column, True), fault
    assert [call.answered_by for call in found] == ["nobody", "human"]


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        pytest.param(f",{AT},,,in,1,2,x", 1, "no call_id", id="no id"),
        pytest.param("c1,soon,,,in,1,2,x", 4, "started_at 'soon'", id="no time"),
        pytest.param("c1,0001-01-01T00:00,,,in,1,2,x", 4, "started_at '0001-", id="a year before telephones"),
        pytest.param(f"c1,{AT},2026-11-23T08:00+01:00,,in,1,2,x", 30, "before the call started", id="answered before"),
        pytest.param(f"c1,{AT},,,sideways,1,2,x", 32, "no direction", id="a direction that is none"),
        pytest.param(f"c1,{AT},,,in,1,2", 38, "7 values, and not 8", id="too few values"),
    ],
)
def test_a_broken_row_of_the_generic_table_is_named(row: str, column: int, says: str) -> None:
    _, (fault,) = read(GENERIC, row)
    assert (fault.line, fault.column, says in fault.message) == (2, column, True), fault


@pytest.mark.parametrize(
    ("first", "says"),
    [
        ("call_id;started_at;from;to", "separated by semicolons"),
        ("call_id,started_at,number", "'from', 'to' is missing"),
        ("hello", "no file of calls"),
    ],
)
def test_what_is_no_file_of_calls_is_refused_with_what_it_must_be(first: str, says: str) -> None:
    with pytest.raises(NotATable, match=says):
        read(first, "1")


def test_an_answer_is_never_taken_back_by_a_leg_that_is_heard_of_later() -> None:
    in_vain, call = only(line()), only(answered())
    assert joined_calls(call, in_vain) == joined_calls(in_vain, call) == call
