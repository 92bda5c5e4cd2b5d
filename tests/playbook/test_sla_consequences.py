"""sla.yaml: what follows from breaches, from when on, and what happens when one was none."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.hours import Span
from router.conditions import Compare
from router.rules import FewerLeads
from sla_monitor.attainment import Chronic, Repeated
from sla_monitor.claims import Reported
from tests.playbook.writing import loaded, problems, with_files

TIERS = "tiers: { hot: { when: otherwise, first_response: { within: 15 min } } }\n"
MONTH = Span(30, "calendar_days")


def test_consequences_are_read_with_what_the_rotation_needs_of_them() -> None:
    text = (
        TIERS
        + "on_retraction: return\n"
        + "consequences:\n"
        + "  repeated: { breaches: 3, within: 30 calendar days, notify: [manager, rep] }\n"
        + "  chronic: { breach_rate: 10 %, of_at_least: 20, within: 30 calendar days, weight: 50 %,\n"
        + "             not_for: { deal_size: { above: 50000 EUR } }, until: 10 met in a row }\n"
    )
    book = loaded(with_files(sla=text))

    assert book.policy.on_retraction == "return"
    assert book.policy.repeated == Repeated(3, MONTH, ("manager", "rep"))
    assert book.policy.chronic == Chronic(0.1, 20, MONTH, 10)
    assert book.rules.fewer_leads == FewerLeads(0.5, Compare("deal_size", "above", 50000.0))


def test_without_a_word_there_are_none_and_leads_stay_where_they_are() -> None:
    book = loaded(with_files(sla=TIERS))
    assert (book.policy.on_retraction, book.policy.repeated, book.policy.chronic) == ("leave", None, None)
    assert book.policy.introduced is None


def test_an_introduction_ends_with_its_last_day_where_the_company_is() -> None:
    text = TIERS + "introduction: { until: 2026-12-31, consequences: false }\n"
    assert loaded(with_files(sla=text)).policy.introduced == datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    taken_out = text.replace("false", "true")
    assert loaded(with_files(sla=taken_out)).policy.introduced is None


def test_an_introduction_may_last_for_ever() -> None:
    text = TIERS + "introduction: { until: 9999-12-31, consequences: false }\n"
    introduced = loaded(with_files(sla=text)).policy.introduced
    assert introduced is not None
    assert introduced.year == 9999


@pytest.mark.parametrize(
    ("consequences", "said"),
    [
        pytest.param(
            "{ chronic: { breach_rate: 10 %, of_at_least: 20, within: 30 calendar days, until: 10 met in a row } }",
            "sla.yaml:2:26: `chronic` changes nothing: it has neither `weight` nor `not_for`",
            id="changes nothing",
        ),
        pytest.param(
            "{ chronic: { breach_rate: 10 %, of_at_least: 20, within: 30 calendar days, weight: 50 %, until: 10 } }",
            "sla.yaml:2:111: `until` should be such as `10 met in a row`, and is 10",
            id="no such end",
        ),
        pytest.param(
            "{ repeated: { breaches: 3, within: 30 calendar days } }",
            "sla.yaml:2:27: `notify` is missing",
            id="nobody is told",
        ),
        pytest.param(
            "{ repeated: { breaches: 3, within: 30 days, notify: manager } }",
            "sla.yaml:2:50: `within`: '30 days' is not an amount of time",
            id="no amount of time",
        ),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(consequences: str, said: str) -> None:
    text = TIERS + f"consequences: {consequences}\n"
    assert [f"{one.file}:{one.line}:{one.column}: {one.message}" for one in problems(with_files(sla=text))] == [said]


def test_what_was_typed_in_counts_as_the_file_says() -> None:
    text = "counts_as: { reported: { note_required: true, confirm_within: 24 h elapsed, otherwise: ignore } }\n" + TIERS
    assert loaded(with_files(sla=text)).policy.counts_as.reported == Reported(True, timedelta(days=1), "ignore")
    assert loaded(with_files(sla=TIERS)).policy.counts_as.reported is None


def test_a_confirmation_is_waited_for_in_real_time() -> None:
    text = "counts_as: { reported: { confirm_within: 4 h } }\n" + TIERS
    (problem,) = problems(with_files(sla=text))
    assert (problem.line, problem.column) == (1, 42)
    assert problem.message == "`confirm_within` is real time, such as `24 h elapsed`"


def test_nobody_waits_for_a_confirmation_for_longer_than_a_year() -> None:
    text = "counts_as: { reported: { confirm_within: 999999999 h elapsed } }\n" + TIERS
    (problem,) = problems(with_files(sla=text))
    assert problem.message == "`confirm_within` is 999999999 h elapsed: nobody would live to see it"
