"""routing.yaml and territories.yaml: conditions, rules and the words they use."""

from datetime import date

import pytest

from playbook.conditions import prefixes
from router.conditions import ALWAYS, All, Any, Compare, Condition, Not, check
from router.rules import Assign, Disqualify, Nurture
from tests.playbook.writing import GOOD, ids, loaded, places, problems, with_files, with_words


def condition(text: str) -> Condition:
    return loaded(with_words("routing", "{ country: DE }", text)).rules.rules[0].when


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("{ country: DE }", Compare("country", "equals", "DE")),
        ("{ country: NO }", Compare("country", "equals", "NO")),
        ("{ country: [DE, AT] }", Compare("country", "in", ("DE", "AT"))),
        ("{ country: { not_in: [DE, AT] } }", Compare("country", "not_in", ("DE", "AT"))),
        ("{ country: { is_not: DE } }", Compare("country", "is_not", "DE")),
        (
            "{ employees: { at_least: 10, below: 50 } }",
            All((Compare("employees", "at_least", 10), Compare("employees", "below", 50))),
        ),
        ("{ employees: { between: [10, 50] } }", Compare("employees", "between", (10, 50))),
        ("{ deal_size: { above: 50000 EUR } }", Compare("deal_size", "above", 50000)),
        ("{ title: { contains: [CEO, CFO] } }", Compare("title", "contains", ("CEO", "CFO"))),
        ("{ company: { starts_with: Acme } }", Compare("company", "starts_with", "Acme")),
        ("{ title: { matches: '^(vp|head) of' } }", Compare("title", "matches", "^(vp|head) of")),
        ("{ title: { matches: [chief, ^vp] } }", Compare("title", "matches", ("chief", "^vp"))),
        ("{ tags: { any_of: [a, b] } }", Compare("tags", "any_of", ("a", "b"))),
        ("{ account.owner: { is_empty: false } }", Compare("account.owner", "is_empty", False)),
        ("{ country: Deutschland }", Compare("country", "equals", "DE")),
        ("{ country: [U.K., Holland] }", Compare("country", "in", ("GB", "NL"))),
        ("{ state: California }", Compare("state", "equals", "CA")),
        ("{ language: { is_not: German } }", Compare("language", "is_not", "de")),
        ("{ company: { matches: '^acme' } }", Compare("company", "matches", "^acme")),
        ("{ arrived: { outside: berlin } }", Compare("arrived.berlin", "equals", "outside")),
        ("{ signals.demo: { at_least: 2 } }", Compare("signals.demo", "at_least", 2)),
        (
            "{ signals.demo: { within:  14  calendar days } }",
            Compare("signals.demo within 14 calendar days", "at_least", 1),
        ),
        (
            "{ signals.demo: { at_least: 3, within: 24 h elapsed } }",
            Compare("signals.demo within 24 h elapsed", "at_least", 3),
        ),
        ("{ account.team.csm: { is_empty: false } }", Compare("account.team.csm", "is_empty", False)),
        ("{ custom.plan: gold }", Compare("custom.plan", "equals", "gold")),
        ("{ missing: [email, phone] }", Compare("", "missing", ("email", "phone"))),
        ("{ not: { country: DE } }", Not(Compare("country", "equals", "DE"))),
        (
            "{ any: [ { country: DE }, { source: demo } ] }",
            Any((Compare("country", "equals", "DE"), Compare("source", "equals", "demo"))),
        ),
        (
            "{ country: DE, source: demo }",
            All((Compare("country", "equals", "DE"), Compare("source", "equals", "demo"))),
        ),
    ],
)
def test_a_condition_is_compiled_to_what_it_says(text: str, meant: Condition) -> None:
    assert condition(text) == meant


@pytest.mark.parametrize(
    ("postcode", "covered"),
    [("94107", True), ("95100", True), ("95200", False), ("93999", False), ("EC2V 7HN", False)],
)
def test_postcodes_are_compared_by_prefix_and_range(postcode: str, covered: bool) -> None:
    assert check(condition("{ postcode: [940-951] }"), {"postcode": postcode}).held is covered


@pytest.mark.parametrize("text", ["{ postcode: { is_not: 940-951 } }", "{ postcode: { not_in: [940-951, EC2] } }"])
def test_postcodes_are_excluded_by_prefix_and_range_too(text: str) -> None:
    assert not check(condition(text), {"postcode": "94107"}).held
    assert check(condition(text), {"postcode": "96000"}).held


def test_a_range_of_postcodes_keeps_its_leading_zeros() -> None:
    assert prefixes("01067-01080") == ["01067", "01068", "01069", "0107", "01080"]


def test_a_range_of_postcodes_may_begin_with_letters() -> None:
    assert prefixes("EC1-EC4") == ["EC1", "EC2", "EC3", "EC4"]


def test_a_range_of_postcodes_covers_exactly_its_numbers() -> None:
    starts = tuple(prefixes("137-402"))
    assert {number for number in range(1000) if f"{number:03}".startswith(starts)} == set(range(137, 403))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("{ contry: DE }", "K105 did you mean 'country'?", id="a field misspelt"),
        pytest.param("{ account.ownr: x }", "K105 did you mean 'account.owner'?", id="a field of the account misspelt"),
        pytest.param("{ missing: [emial] }", "K105 did you mean 'email'?", id="a missing field misspelt"),
        pytest.param("{ employees: { atleast: 5 } }", "K101 did you mean 'at_least'?", id="an operator misspelt"),
        pytest.param("{ employees: { at_least: many } }", "V101 ", id="a number in words"),
        pytest.param("{ employees: { between: [50, 10] } }", "V106 swap them", id="a range backwards"),
        pytest.param("{ country: }", "V101 `is_empty: true` asks whether there is nothing", id="nothing"),
        pytest.param("{ country: { is_not: [DE, AT] } }", "V101 for several write `not_in`", id="is_not with a list"),
        pytest.param(
            "{ deal_size: { above: 50000 USD } }",
            "N116 add USD to rates.csv (currency,rate: what one is worth in EUR)",
            id="a currency without a rate",
        ),
        pytest.param(
            "{ company: { matches: '(Acme' } }",
            "V109 it has no look-ahead and no back-references, so that no text can keep it busy; "
            "quote it in single quotes",
            id="half a pattern",
        ),
        pytest.param(
            "{ company: { matches: '(?=Acme)' } }",
            "V109 it has no look-ahead and no back-references, so that no text can keep it busy; "
            "quote it in single quotes",
            id="a pattern that looks around",
        ),
        pytest.param("{ signals.pricing_page: often }", "V101 ", id="a word where a number of signals is"),
        pytest.param(
            "{ signals.pricing_page: { within: 2 weeks } }",
            "V102 a week is `5 business days` or `7 calendar days`",
            id="an age that is none",
        ),
        pytest.param("{ score: { within: 2 h } }", "K101 write it for `signals.KIND`", id="the age of a field"),
        pytest.param("{ arrived: { outside: belrin } }", "N103 did you mean 'berlin'?", id="a calendar misspelt"),
        pytest.param("{ arrived: outside }", "V101 ", id="no calendar"),
        pytest.param("{ arrived: { inside: berlin, outside: berlin } }", "K104 ", id="in and out at once"),
        pytest.param("{ domain: { in_file: customers.csv } }", "S105 ", id="a table that is not there"),
        pytest.param(
            "{ country: Germny }",
            "N115 write its two-letter code, such as DE; names of your own stand under `normalise`",
            id="no country",
        ),
        pytest.param(
            "{ named_account.exists: true }",
            "S105 add it, with the columns name,domain,owner,tier",
            id="named accounts without their table",
        ),
        pytest.param("{ postcode: [951-940] }", "V106 swap its ends", id="a range of postcodes backwards"),
        pytest.param("DE", "V101 ", id="no mapping"),
        pytest.param("{}", "V101 for every lead, leave it out or write `otherwise`", id="an empty condition"),
        pytest.param("{ any: [] }", "V101 ", id="an empty group"),
        pytest.param("{ country: {} }", "V101 ", id="an empty comparison"),
        pytest.param("{ country: { in: [] } }", "V101 ", id="an empty list"),
        pytest.param("{ title: { contains: [] } }", "V101 ", id="no text to contain"),
        pytest.param("{ country: '' }", "V101 `is_empty: true` asks whether there is nothing", id="an empty text"),
        pytest.param("{ employees: many }", "V101 ", id="a word where a number is"),
        pytest.param("{ duplicate.exists: yes }", "V101 ", id="a word where true or false is"),
    ],
)
def test_a_condition_that_cannot_hold_as_meant_is_a_problem(text: str, expected: str) -> None:
    found = [f"{each.id} {each.hint}" for each in problems(with_words("routing", "{ country: DE }", text))]
    assert found == [expected]


def test_outcomes_are_assigned_nurtured_or_disqualified() -> None:
    texts = with_files(
        routing="""\
        rules:
          - name: A
            when: { duplicate.exists: true }
            assign: { to: duplicate.owner, else: { to: Ana@acme.example } }
            sla: hot
          - { name: B, when: { country: FR }, nurture: { queue: marketing }, from: 2026-12-01, until: 2027-02-28 }
          - { name: C, when: { country: IT }, disqualify: no market }
          - { name: D, assign: { pool: territory.pool } }
        fallback: { assign: { pool: enterprise } }
        """,
        territories="""\
        territories: { dach: { when: { country: [DE, AT] }, pool: enterprise }, rest: { when: otherwise } }
        """,
    )
    book = loaded(texts)
    a, b, c, d = book.rules.rules
    assert (a.then, a.sla) == (Assign("duplicate.owner", otherwise=Assign("ana@acme.example")), "hot")
    assert (b.then, b.starts, b.ends) == (Nurture("marketing"), date(2026, 12, 1), date(2027, 2, 28))
    assert (c.then, d.then, d.when) == (Disqualify("no market"), Assign(pool="territory.pool"), ALWAYS)
    assert [(each.name, each.pool) for each in book.rules.territories] == [("dach", "enterprise"), ("rest", None)]
    assert a.at == "routing.yaml:2:5"


def test_words_are_compiled_in_the_order_of_the_file() -> None:
    texts = with_files(
        routing="""\
        normalise: { source: { demo: [Demo Request, DEMO] }, country: country.csv }
        matching: { free_mail: [GMAIL.com] }
        segments: { big: { when: { employees: { at_least: 500 } } } }
        intent: { high: { source: demo }, low: otherwise }
        fit: { strong: { segment: big }, weak: otherwise }
        plays: { high: { strong: senior, weak: qualify }, low: { strong: qualify, weak: qualify } }
        rules: [ { name: Senior, when: { play: senior }, assign: { pool: enterprise } } ]
        fallback: { assign: { pool: enterprise } }
        """,
    )
    rules = loaded({**texts, "country.csv": "alias,canonical\nDeutschland,DE\n"}).rules
    assert [each.name for each in rules.intent] == ["high", "low"]
    assert rules.intent[1].when == ALWAYS
    assert rules.aliases == {"source": {"demo request": "demo", "demo": "demo"}, "country": {"deutschland": "DE"}}
    assert rules.free_mail == {"gmail.com"}
    assert rules.plays["high"]["strong"] == "senior"


@pytest.mark.parametrize(
    ("matching", "strict", "hierarchy"),
    [
        pytest.param("matching: { accounts: strict, hierarchy: true }", True, True, id="strict, in hierarchies"),
        pytest.param("matching: { accounts: loose, hierarchy: false }", False, False, id="loose"),
        pytest.param("matching: { free_mail: [] }", False, False, id="loose where nothing is said"),
    ],
)
def test_how_strictly_accounts_are_matched_is_the_playbooks(matching: str, strict: bool, hierarchy: bool) -> None:
    rules = loaded(with_files(routing=f"{matching}\nfallback: {{ assign: {{ pool: enterprise }} }}\n")).rules

    assert (rules.strict_accounts, rules.hierarchy) == (strict, hierarchy)


def test_well_known_free_mail_is_aside_without_a_list() -> None:
    assert "gmail.com" in loaded(with_files(routing="fallback: { assign: { pool: enterprise } }\n")).rules.free_mail


@pytest.mark.parametrize(
    ("routing", "expected"),
    [
        pytest.param(
            "fallback: { assign: { pool: enterprize } }", "N101 did you mean 'enterprise'?", id="a pool misspelt"
        ),
        pytest.param(
            "fallback: { assign: { pool: enterprise, to: ana@acme.example } }", "K104 ", id="a pool and a person"
        ),
        pytest.param("fallback: { assign: {} }", "K104 ", id="neither"),
        pytest.param(
            "fallback: { assign: { to: duplicate.ownr } }",
            "V105 did you mean 'duplicate.owner'?",
            id="a reference misspelt",
        ),
        pytest.param(
            "rules: []",
            "R101 add `fallback: { assign: { pool: NAME } }` with a pool that has a manager",
            id="no fallback",
        ),
        pytest.param("rules: [ { name: A, when: { country: DE } } ]", "K104 ", id="a rule without an outcome"),
        pytest.param(
            "rules: [ { name: A, when: { country: DE }, disqualify: x, nurture: { queue: marketing } } ]",
            "K104 ",
            id="two outcomes",
        ),
        pytest.param("rules: [ { when: { country: DE }, disqualify: x } ]", "K102 ", id="a rule without a name"),
        pytest.param(
            "rules: [ { name: A, when: { country: DE }, disqualify: x, sla: hott } ]",
            "N104 did you mean 'hot'?",
            id="a tier misspelt",
        ),
        pytest.param(
            "rules: [ { name: A, when: { country: DE }, nurture: { queue: markting } } ]",
            "N105 did you mean 'marketing'?",
            id="a queue misspelt",
        ),
        pytest.param(
            "rules: [ { name: A, when: { country: DE }, disqualify: x, from: 1.12.2026 } ]",
            "V103 dates are written 2026-12-24",
            id="a date",
        ),
        pytest.param(
            "rules: [ { name: A, assign: { pool: territory.pool } } ]",
            "N107 territories.yaml defines none",
            id="no territories",
        ),
        pytest.param(
            "rules: [ { name: A, when: { country: DE }, review: { queue: marketing } } ]",
            "K102 ",
            id="a review without an end",
        ),
        pytest.param(
            "rules: [ { name: A, review: { queue: marketing, for: 4 h, rejected: manger } } ]",
            "V105 did you mean 'manager'?",
            id="an ending misspelt",
        ),
        pytest.param(
            "rules: [ { name: A, disqualify: x, hand_over: { pool: enterprise } } ]",
            "R103 take it out, or `assign` the lead first",
            id="nothing to hand over",
        ),
        pytest.param(
            "rules: [ { name: A, experiment: { name: t, arms: { one: { pool: enterprise } } } } ]",
            "V101 ",
            id="an experiment with one arm",
        ),
        pytest.param(
            "intent: { low: otherwise, high: { source: demo } }",
            "R102 move 'low' to the end",
            id="an intent after otherwise",
        ),
        pytest.param(
            "intent: { high: { source: demo } }\nrules: [ { name: A, when: { intent: hihg }, disqualify: x } ]",
            "N108 did you mean 'high'?",
            id="an intent misspelt",
        ),
        pytest.param("normalise: { source: sources.csv }", "S105 ", id="a table that is not there"),
        pytest.param("normalise: { sorce: { a: [b] } }", "K105 did you mean 'source'?", id="a field to normalise"),
    ],
)
def test_rules_that_cannot_be_meant_are_problems(routing: str, expected: str) -> None:
    found = [f"{each.id} {each.hint}" for each in problems({**GOOD, "routing.yaml": routing + "\n"})]
    assert expected in found


def test_two_rules_of_one_name_are_a_problem_at_the_second() -> None:
    texts = with_words(
        "routing", "rules:\n", "rules:\n  - name: Germans\n    when: { country: AT }\n    disqualify: no\n"
    )
    assert places(texts) == ["routing.yaml:5:11 N201"]


@pytest.mark.parametrize(
    ("rule", "id_"),
    [
        pytest.param(
            "- { name: Z, when: { country: DE }, disqualify: x }", "P102", id="all its leads are taken before"
        ),
        pytest.param(
            "- { name: Z, when: { country: IT }, disqualify: x, from: 2027-01-01, until: 2026-01-01 }",
            "P103",
            id="it ends before it begins",
        ),
    ],
)
def test_what_can_be_proved_about_rules_is_reported_where_they_stand(rule: str, id_: str) -> None:
    texts = with_words("routing", "fallback:", f"  {rule}\nfallback:")
    assert places(texts) == [f"routing.yaml:5:5 {id_}"]


def test_a_rule_that_could_not_be_understood_proves_nothing_about_others() -> None:
    texts = with_words(
        "routing",
        "rules:\n",
        "rules:\n  - { name: All, when: { wqxz: 1 }, disqualify: x }\n",
    )
    assert ids(texts) == ["K105"]


def test_a_rule_after_a_catch_all_is_reported_together_with_whatever_else_is_wrong() -> None:
    texts = with_words(
        "routing",
        "fallback:",
        "  - { name: All, assign: { pool: nowhere } }\n"
        "  - { name: Late, when: { contry: FR }, assign: { pool: enterprise } }\nfallback:",
    )
    texts["teams.yaml"] = texts["teams.yaml"].replace("pools:", "poolz:")
    assert places(texts) == [
        "routing.yaml:5:34 N101",
        "routing.yaml:6:5 P101",
        "routing.yaml:6:27 K105",
        "teams.yaml:6:1 K101",
    ]


def test_a_fallback_whose_pool_has_no_manager_does_not_load() -> None:
    texts = with_words("teams", "enterprise: { manager: tom@acme.example, ", "enterprise: { ")
    assert ids(texts) == ["P104"]


@pytest.mark.parametrize("pattern", ["(a", "(?=a)b"])
def test_what_re2_does_not_know_is_said_where_it_is_written(pattern: str) -> None:
    found = problems(with_words("routing", "{ country: DE }", f"{{ title: {{ matches: [chief, '{pattern}'] }} }}"))

    assert [str(each.id) for each in found] == ["V109"]
    assert "RE2" in found[0].message


@pytest.mark.parametrize("number", ["1.0e999", "-1.0e999", "1" + "0" * 400, "1" + "0" * 5000])
def test_a_number_beyond_all_numbers_is_a_problem(number: str) -> None:
    found = problems(with_words("routing", "{ country: DE }", f"{{ employees: {{ at_least: {number} }} }}"))

    assert "is no number that anything can be compared with" in found[0].message
