"""What people write who are new to YAML and to `config/`: the message names the very place, and the way out."""

import pytest

from tests.playbook.writing import ids, problems, with_words


def only(texts: dict[str, str]) -> tuple[str, str]:
    """Place and id of the only problem, and its hint."""
    [problem] = problems(texts)
    return f"{problem.file}:{problem.line}:{problem.column} {problem.id}", problem.hint


@pytest.mark.parametrize(
    ("when", "place", "hint"),
    [
        (
            "{ deal_size: { above: 50,000 EUR } }",
            "3:33 K110",
            "numbers are written without separators: `above: 50000 EUR`",
        ),
        ("{ deal_size: { above: 800,000 } }", "3:33 K110", "numbers are written without separators: `above: 800000`"),
        ("{ employees: 1,000, country: DE }", "3:24 K110", "numbers are written without separators: `employees: 1000`"),
        ('{ deal_size: { above: "50,000 EUR" } }', "3:33 V101", "numbers are written without separators: 50000 EUR"),
        ("{ deal_size: { above: 50.000 EUR } }", "3:33 V101", "numbers are written without separators: 50000 EUR"),
        (
            "{ employees: { between: [1,000, 5,000] } }",
            "3:35 V101",
            "numbers are written without separators: 1000, not 1,000",
        ),
        (
            "{ country: DE, AT }",
            "3:22 K110",
            "several are written in brackets, and a text that holds a comma in quotes: `country: [DE, AT]`",
        ),
        (
            "{ country: { in: DE, AT, CH } }",
            "3:28 K110",
            "several are written in brackets, and a text that holds a comma in quotes: `in: [DE, AT, CH]`",
        ),
        ("{ crm: hubspott }", "3:18 N120", "did you mean 'hubspot'?"),
        ("{ crm: { in: [salesforce, zoho] } }", "3:37 N120", "there are: hubspot, salesforce"),
    ],
)
def test_a_condition_that_a_newcomer_writes(when: str, place: str, hint: str) -> None:
    assert only(with_words("routing", "{ country: DE }", when)) == (f"routing.yaml:{place}", hint)


def test_a_crm_may_be_written_in_any_case_and_be_one_that_this_folder_does_not_set_up() -> None:
    assert ids(with_words("routing", "{ country: DE }", "{ crm: HubSpot }")) == []


@pytest.mark.parametrize(
    ("rep", "place", "hint"),
    [
        (
            "name: Tom, languages: de, en, fr }",
            "teams.yaml:5:54 K110",
            "several are written in brackets, and a text that holds a comma in quotes: `languages: [de, en, fr]`",
        ),
        (
            'name: Tom, languages: "de, en" }',
            "teams.yaml:5:54 V101",
            "several are written in brackets: `languages: [de, en]`",
        ),
        (
            "name: Tom, skills: { industry: fintech, banking } }",
            "teams.yaml:5:63 K110",
            "several are written in brackets, and a text that holds a comma in quotes: `industry: [fintech, banking]`",
        ),
    ],
)
def test_a_list_without_brackets(rep: str, place: str, hint: str) -> None:
    assert only(with_words("teams", "name: Tom }", rep)) == (place, hint)


def test_a_decimal_comma() -> None:
    texts = with_words("teams", "{ rep: ben@acme.example }", "{ rep: ben@acme.example, weight: 1,5 }")
    assert only(texts) == ("teams.yaml:7:115 K110", "decimals are written with a dot: `weight: 1.5`")


@pytest.mark.parametrize(
    ("rejected", "hint"),
    [
        ("marketing", "write `{ nurture: marketing }`: leads are kept in that queue"),
        ("enterprise", "write `{ assign: { pool: enterprise } }`"),
        ("continu", "did you mean 'continue'?"),
        (
            "nobody",
            "an outcome is written `{ nurture: QUEUE }`, `{ disqualify: REASON }` or `{ assign: { pool: NAME } }`",
        ),
    ],
)
def test_a_review_that_ends_in_a_name(rejected: str, hint: str) -> None:
    review = f"review: {{ queue: marketing, for: 4 h, rejected: {rejected} }}\nf"
    texts = with_words("routing", "assign: { pool: enterprise }\nf", review)
    assert only(texts) == ("routing.yaml:4:53 V105", hint)


def test_a_key_that_is_misspelt_beside_a_text_stays_a_misspelling() -> None:
    assert ids(with_words("teams", "name: Tom }", "name: Tom, languages: de, levl: senior }")) == ["K101"]


@pytest.mark.parametrize(
    ("outcome", "hint"),
    [
        ("assign: enterprise", "write `{ pool: enterprise }`"),
        ("assign: ana@acme.example", "write `{ to: ana@acme.example }`"),
        ("assign: account.owner", "write `{ to: account.owner }`"),
        ("nurture: marketing", "write `{ queue: marketing }`"),
    ],
)
def test_an_outcome_without_its_key(outcome: str, hint: str) -> None:
    texts = with_words("routing", "assign: { pool: enterprise }\nf", f"{outcome}\nf")
    assert only(texts) == (f"routing.yaml:4:{len(outcome.split()[0]) + 6} V101", hint)


def test_a_member_who_is_only_an_address() -> None:
    texts = with_words(
        "teams", "[ { rep: ana@acme.example }, { rep: ben@acme.example } ]", "[ ana@acme.example, field ]"
    )
    assert [problem.hint for problem in problems(texts)] == [
        "write `{ rep: ana@acme.example }`",
        "write `{ team: field }`",
    ]
