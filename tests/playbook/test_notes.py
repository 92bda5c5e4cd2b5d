"""Notes: what is no mistake, and may not do what was meant."""

from collections.abc import Mapping

import pytest

from tests.playbook.writing import CRM, GOOD, loaded, with_files, with_words


def notes(texts: Mapping[str, str]) -> list[str]:
    """`routing.yaml:6:1 R110`, in order."""
    return [f"{each.file}:{each.line}:{each.column} {each.id}" for each in loaded(texts).notes]


def with_plays(plays: str, when: str) -> dict[str, str]:
    return with_files(
        routing=f"""\
        intent: {{ high: {{ source: demo }}, low: otherwise }}
        fit: {{ strong: {{ industry: banking }}, weak: otherwise }}
        plays: {plays}
        rules: [ {{ name: A rule, when: {when}, assign: {{ pool: enterprise }} }} ]
        fallback: {{ assign: {{ pool: enterprise }} }}
        """
    )


ALL_SENIOR = "{ high: { strong: senior, weak: senior }, low: { strong: senior, weak: %s } }"


@pytest.mark.parametrize(
    ("when", "noted"),
    [
        pytest.param("{ play: [senior, drop] }", [], id="a rule names it"),
        pytest.param("{ play: { is_not: drop } }", [], id="a rule leaves it out by name"),
        pytest.param("{ any: [ { play: senior }, { play: { in: [drop] } } ] }", [], id="a part of a rule names it"),
        pytest.param("{ play: senior }", ["routing.yaml:3:79 R110"], id="the rules name others only"),
        pytest.param("{ play: senior, intent: low }", ["routing.yaml:3:79 R110"], id="the rule of its row wants more"),
    ],
)
def test_a_play_that_no_rule_asks_for_is_noted_at_its_cell(when: str, noted: list[str]) -> None:
    assert notes(with_plays(ALL_SENIOR % "drop", when)) == noted


def test_a_rule_that_takes_all_leads_of_an_intent_uses_the_plays_of_its_row() -> None:
    texts = with_plays("{ high: { strong: a, weak: a }, low: { strong: b, weak: c } }", "{ intent: low }")
    assert notes(texts) == ["routing.yaml:3:26 R110"]


def test_a_play_called_fallback_goes_to_the_fallback_knowingly() -> None:
    assert notes(with_plays(ALL_SENIOR % "fallback", "{ play: senior }")) == []


def test_an_intent_and_fit_without_a_play_are_noted() -> None:
    texts = with_plays("{ high: { strong: senior } }", "{ play: senior }")
    assert notes(texts) == ["routing.yaml:3:1 R111", "routing.yaml:3:10 R111"]
    [_, of_high] = loaded(texts).notes
    assert "intent 'high' and fit 'weak'" in of_high.message


def with_crm(when: str, *, enrich: str = "", fields: str = "email: Email", **tables: str) -> dict[str, str]:
    texts = with_words("routing", "{ country: DE }", when)
    texts["routing.yaml"] += f"enrich: [{enrich}]\n" if enrich else ""
    return {**texts, "crm/salesforce.yaml": CRM.replace("email: Email", fields), **tables}


@pytest.mark.parametrize(
    ("when", "noted"),
    [
        pytest.param("{ score: { at_least: 60 } }", ["routing.yaml:3:13 N121"], id="a field"),
        pytest.param("{ custom.plan: gold }", ["routing.yaml:3:13 N121"], id="one of their own"),
        pytest.param("{ signals.demo: { at_least: 1 } }", ["routing.yaml:3:13 N121"], id="a signal"),
        pytest.param("{ missing: [email, phone] }", ["routing.yaml:3:30 N121"], id="one that may be missing"),
        pytest.param("{ seniority: vp }", ["routing.yaml:3:13 N121"], id="the seniority without a title"),
        pytest.param("{ play: senior }", ["routing.yaml:3:13 N121"], id="a word that is not defined"),
        pytest.param("{ domain: a.example }", [], id="the domain of the e-mail address"),
        pytest.param("{ country: DE }", [], id="the account's country"),
        pytest.param("{ account.tier: A }", [], id="the account's fields"),
        pytest.param("{ arrived: { outside: berlin }, crm: hubspot }", [], id="what every lead has"),
    ],
)
def test_a_field_that_nothing_fills_is_noted_where_a_rule_asks_for_it(when: str, noted: list[str]) -> None:
    assert notes(with_crm(when)) == noted


@pytest.mark.parametrize(
    ("enrich", "tables"),
    [
        ("{ csv: firms.csv, key: domain }", {"firms.csv": "domain,industry\na.example,banking\n"}),
        ("{ http: env:ENRICH_URL }", {}),
        ("account", {}),
    ],
    ids=["a table", "a service, whatever it answers", "the account"],
)
def test_a_field_that_enrich_fills_is_not_noted(enrich: str, tables: dict[str, str]) -> None:
    assert notes(with_crm("{ industry: banking }", enrich=enrich, **tables)) == []


def test_a_signal_of_which_only_the_times_are_mapped_is_filled() -> None:
    assert notes(with_crm("{ signals.demo: { at_least: 1 } }", fields="signals.demo.at: Last_Demo__c")) == []


def test_a_note_about_a_field_names_the_rule_and_how_many_others_ask_for_it() -> None:
    texts = with_crm("{ any: [ { score: 1 }, { score: 2 }, { score: 3 } ] }")
    [note] = loaded(texts).notes
    assert note.message.startswith("rule 'Germans': it asks for `score` (and so do 2 more places)")
    assert note.hint == "add `score: API_NAME` to `fields` in crm/salesforce.yaml, or fill it by `enrich`"


def test_nothing_is_said_of_fields_where_no_crm_is_known() -> None:
    assert notes(GOOD) == []


# Ladders.


@pytest.mark.parametrize(
    ("ladder", "noted"),
    [
        pytest.param("[ { at: 100 %, reassign: next }, { after_due: 2 h, reassign: manager } ]", ["1:111"], id="later"),
        pytest.param(
            "[ { after_due: 1 h, reassign: next }, { after_due: 90 min, reassign: manager } ]", ["1:116"], id="by time"
        ),
        pytest.param("[ { at: 100 %, reassign: next }, { after_due: 2 h, notify: manager } ]", [], id="only told"),
        pytest.param("[ { at: 100 %, notify: rep }, { after_due: 2 h, reassign: manager } ]", [], id="the only one"),
        pytest.param(
            "[ { after_due: 2 h, reassign: next }, { after_due: 1 h, reassign: manager } ]", [], id="the first in time"
        ),
        pytest.param(
            "[ { after_due: 1 h, reassign: next }, { after_start: 1 h, reassign: manager } ]", [], id="nobody can tell"
        ),
    ],
)
def test_a_step_that_hands_the_lead_on_after_another_one_has_is_noted(ladder: str, noted: list[str]) -> None:
    tier = f"tiers: {{ hot: {{ when: otherwise, first_response: {{ within: 15 min }}, ladder: {ladder} }} }}\n"
    assert notes(with_files(sla=tier)) == [f"sla.yaml:{place} L103" for place in noted]


def test_where_the_ladder_goes_on_with_the_next_owner_every_step_of_it_is_reached() -> None:
    tier = """\
    tiers: { hot: { when: otherwise, first_response: { within: 15 min }, on_reassign: continue, ladder: two } }
    ladders: { two: [ { at: 100 %, reassign: next }, { after_due: 2 h, reassign: manager } ] }
    """
    assert notes(with_files(sla=tier)) == []
    assert notes(with_files(sla=tier.replace("continue", "restart"))) == ["sla.yaml:2:50 L103"]
