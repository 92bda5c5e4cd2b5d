"""What is due of a lead that is rehearsed: its first answer, or the end of a wait where that is earlier."""

from runtime.rehearsal import failures
from tests.playbook.test_rule_tests import CRM, read_texts
from tests.playbook.writing import loaded, with_words

BOOK = loaded(
    {
        **with_words(
            "routing",
            "assign: { pool: enterprise }\nfallback",
            "assign: { to: tom@acme.example }\n    hand_over: { pool: enterprise, at: next_opening }\nfallback",
        ),
        "sla.yaml": "tiers: { hot: { when: otherwise, first_response: { within: 5 business days } } }\n",
        "crm/salesforce.yaml": CRM,
    }
)


def test_a_hand_over_is_a_step_and_nothing_that_is_due() -> None:
    night = "2026-11-23T22:00+01:00"
    text = (
        f"- {{ name: At night, lead: {{ country: DE, created_at: {night} }}, "
        "expect: { owner: tom@acme.example, due: 2026-12-01T09:00+01:00, "
        "steps: { at: 2026-11-24T09:00+01:00, hand_over: enterprise } } }\n"
    )
    tests, problems = read_texts({"tests/rules.yaml": text}, BOOK)
    assert not problems
    assert [each.message for each in failures(tests, BOOK)] == []
