"""sla.yaml: tiers, ladders and what counts."""

import pytest

from domain.clocks import ClockKind
from domain.hours import Span
from router.conditions import ALWAYS, Compare
from router.rules import Named
from sla_monitor.policy import CountsAs, Rung
from tests.playbook.writing import GOOD, loaded, problems, with_files


def test_a_tier_is_read_as_written_with_its_ladder_inline_or_by_name() -> None:
    texts = with_files(
        sla="""\
        choose: first
        tiers:
          hot:
            when: { country: DE }
            calendar: berlin
            time_to_assign: 1 min elapsed
            first_response: { within: 15 min, met_by: contact, starts: created }
            ladder:
              - { at: 75 %, notify: rep }
              - { after_due: 15 min, reassign: backup }
              - { after_start: 10 calendar days, reassign: Ana@acme.example }
            on_reassign: continue
            max_reassignments: 1
          relaxed: { when: otherwise, first_response: { within: 5 business days }, ladder: default }
        ladders: { default: [ { at: 100 %, notify: [rep, manager] } ] }
        """
    )
    book = loaded(texts)
    hot, relaxed = book.policy.tiers.values()
    response = hot.targets[ClockKind.FIRST_RESPONSE]
    assert (hot.calendar, hot.targets[ClockKind.ASSIGNMENT].within) == ("berlin", Span(60, "elapsed"))
    assert (response.within, response.starts) == (Span(900), "created")
    assert (hot.met_by, hot.on_reassign, hot.max_reassignments) == ("contact", "continue", 1)
    assert response.ladder == (
        Rung("notify", ("rep",), at=0.75),
        Rung("reassign", ("backup",), after_due=Span(900)),
        Rung("reassign", ("ana@acme.example",), after_start=Span(10, "calendar_days")),
    )
    assert relaxed.targets[ClockKind.FIRST_RESPONSE].ladder == (Rung("notify", ("rep", "manager"), at=1.0),)
    assert book.rules.tiers == (Named("hot", Compare("country", "equals", "DE")), Named("relaxed", ALWAYS))


def test_what_counts_keeps_its_defaults_where_nothing_is_said() -> None:
    texts = with_files(
        sla="""\
        counts_as: { attempt: { email: { outbound: false } }, contact: { call: { answered_at_least: 1 min } } }
        tiers: { hot: { when: otherwise, first_response: { within: 15 min } } }
        """
    )
    assert loaded(texts).policy.counts_as == CountsAs(email_outbound=False, answered_at_least=60)


def hot(text: str) -> str:
    return f"tiers: {{ hot: {{ when: otherwise, first_response: {{ within: 15 min }}, {text} }} }}"


@pytest.mark.parametrize(
    ("sla", "expected"),
    [
        pytest.param(
            hot("time_to_assign: 15"), "V102 say of what: `15 min`, `4 h`, `1 business day`", id="a bare number"
        ),
        pytest.param(hot("time_to_assign: 0 min"), "V106 ", id="no time at all"),
        pytest.param(hot("time_to_assign: -5 min"), "V106 ", id="time that runs backwards"),
        pytest.param(hot("calendar: berlni"), "N103 did you mean 'berlin'?", id="a calendar misspelt"),
        pytest.param(
            hot("time_to_assign: 87600 h elapsed"),
            "V106 it is a year at most: `366 calendar days`, `8784 h elapsed`",
            id="ten years",
        ),
        pytest.param(hot("outcome: { within: 0 business days }"), "V106 ", id="no time for an outcome"),
        pytest.param(hot("ladder: [ { after_start: -5 min, notify: rep } ]"), "V106 ", id="a step before the start"),
        pytest.param(
            hot("time_to_review: { within: 1 h, ladder: [ { at: 100 %, reassign: manager } ] }"),
            "L101 where it goes is what the wait itself says: use `notify`, `flag` or `set`",
            id="a wait that is handed on by its ladder",
        ),
        pytest.param(
            hot("time_to_assign: { within: 1 min, ladder: [ { at: 100 %, reassign: next } ] }"),
            "L101 nobody has it yet: use `notify`, `flag` or `set`",
            id="a lead that nobody has, handed on",
        ),
        pytest.param(hot("pause: { when: { status: callback_agreed } }"), "K102 ", id="a pause that may last for ever"),
        pytest.param(
            hot("ladder: [ { at: 100 %, set: { stats: hot } } ]"), "K105 did you mean 'status'?", id="no such field"
        ),
        pytest.param(hot("ladder: default"), "N106 sla.yaml defines none", id="a ladder that is not there"),
        pytest.param(
            hot("ladder: [ { at: 75, notify: rep } ]"),
            "V108 what comes after the due time is written `after_due: 15 min`",
            id="a share without %",
        ),
        pytest.param(
            hot("ladder: [ { at: 150 %, notify: rep } ]"),
            "V108 what comes after the due time is written `after_due: 15 min`",
            id="a share beyond the due time",
        ),
        pytest.param(hot("ladder: [ { at: 75 %, after_due: 5 min, notify: rep } ]"), "K104 ", id="two moments"),
        pytest.param(hot("ladder: [ { at: 75 % } ]"), "K104 ", id="nothing happens"),
        pytest.param(hot("ladder: [ { at: 75 %, reassign: nxt } ]"), "V105 did you mean 'next'?", id="a word misspelt"),
        pytest.param(
            hot("ladder: [ { at: 75 %, notify: zoe@acme.example } ]"),
            "N102 there are: ana@acme.example, ben@acme.example, tom@acme.example",
            id="somebody unknown",
        ),
        pytest.param(hot("follow_up: []"), "L102 add one, such as `{ after: 2 h }`", id="follow-ups that are none"),
        pytest.param(
            "tiers: { hot: { when: otherwise, follow_up: [ { after: 2 h } ] } }",
            "L102 add `first_response: { within: 15 min }`, or take it out",
            id="a second attempt without a first",
        ),
        pytest.param(
            hot("follow_up: [ { after: 2 h }, { after: 2 h }, { after: 2 h } ]"),
            "L102 end with `{ then: { review: QUEUE, for: 4 h } }`",
            id="a fourth attempt",
        ),
        pytest.param(hot("follow_up: [ { at: other_time_of_day } ]"), "K102 ", id="an attempt that does not say when"),
        pytest.param(
            "tiers: { hot: { when: otherwise, ladder: [ { at: 100 %, notify: rep } ] } }",
            "L101 ",
            id="a ladder of nothing",
        ),
        pytest.param(
            "tiers: { hot: { when: otherwise, first_response: { met_by: attempt } } }",
            "K102 ",
            id="a response without a time",
        ),
        pytest.param(
            "tiers: { hot: { when: otherwise }, cold: { when: { country: DE } } }",
            "R102 move 'hot' to the end",
            id="a tier after otherwise",
        ),
        pytest.param(
            "counts_as: { attempt: { email: { automated: true } } }",
            "K103 leave it out for now",
            id="automated mail that counts",
        ),
        pytest.param("choose: strictes", "V105 did you mean 'strictest'?", id="a choice misspelt"),
    ],
)
def test_service_levels_that_cannot_be_kept_as_meant_are_problems(sla: str, expected: str) -> None:
    assert [f"{each.id} {each.hint}" for each in problems(with_files(sla=sla))] == [expected]


def test_a_tier_that_only_a_rule_names_may_stand_after_the_one_for_everything_else() -> None:
    routing = GOOD["routing.yaml"].replace("    assign:", "    sla: partners\n    assign:", 1)
    sla = "tiers: { hot: { when: otherwise }, partners: { first_response: { within: 1 h } } }"
    book = loaded(with_files(routing=routing, sla=sla))
    assert [name.name for name in book.rules.tiers] == ["hot", "partners"]
