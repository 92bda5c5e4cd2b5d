"""YAML as people expect it, with the place of every part."""

import pytest

from playbook.source import Place, parse


def read(text: str) -> object:
    source, problems = parse("x.yaml", text)
    assert source is not None and not problems
    return source.data


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("NO", "NO", id="Norway is not a boolean"),
        pytest.param("on", "on", id="on is a word"),
        pytest.param("yes", "yes", id="yes is a word"),
        pytest.param("010", "010", id="a leading zero makes text, as in a postcode"),
        pytest.param("+49", "+49", id="a plus makes text, as in a telephone number"),
        pytest.param("09:30", "09:30", id="a time of day is no number to the base of sixty"),
        pytest.param("2026-12-24", "2026-12-24", id="a date stays as it was written"),
        pytest.param("0x1F", "0x1F", id="hexadecimal is text"),
        pytest.param("1_000", "1_000", id="underscores do not group digits"),
        pytest.param(".nan", ".nan", id="not-a-number is text"),
        pytest.param("true", True, id="true"),
        pytest.param("-5", -5, id="a negative whole number"),
        pytest.param("0.5", 0.5, id="a decimal number"),
        pytest.param("~", None, id="nothing"),
        pytest.param("'5'", "5", id="quotes make text"),
    ],
)
def test_a_plain_value_means_what_a_reader_thinks(written: str, meant: object) -> None:
    assert read(f"key: {written}") == {"key": meant}


def test_a_name_is_text_whatever_it_looks_like() -> None:
    assert read("2026: a\nNO: b\ntrue: c") == {"2026": "a", "NO": "b", "true": "c"}


def test_every_key_and_value_knows_its_line_and_column() -> None:
    source, _ = parse("x.yaml", "pools:\n  dach: { weight: 2 }\n")
    assert source is not None
    assert source.keys["pools", "dach", "weight"] == Place(2, 11)
    assert source.values["pools", "dach", "weight"] == Place(2, 19)
    assert source.place(("pools", "dach", "manager")) == Place(2, 9), (
        "what is missing is reported around where it lacks"
    )


def test_a_key_that_is_written_twice_is_a_problem_at_the_second() -> None:
    _, (problem,) = parse("x.yaml", "hours: 1\nname: 2\nhours: 3\n")
    assert (problem.line, problem.column, problem.id) == (3, 1, "S102")
    assert "line 1" in problem.message


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        pytest.param("a: [1, 2\nb: 3", 2, "not closed", id="an open bracket"),
        pytest.param("a: b: c", 1, "quotes", id="a colon in a text"),
        pytest.param("a:\n\t- b", 2, "tabs", id="a tab"),
        pytest.param("a: 1\n---\nb: 2", 2, "second", id="two documents"),
    ],
)
def test_what_is_not_yaml_is_a_problem_with_its_line_and_a_way_out(text: str, line: int, hint: str) -> None:
    source, (problem,) = parse("x.yaml", text)
    assert source is None
    assert (problem.line, problem.id) == (line, "S101")
    assert hint in problem.hint


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a: &a [*a]", id="a list that contains itself"),
        pytest.param("a: " + "[" * 5000 + "]" * 5000, id="five thousand lists within each other"),
        pytest.param(
            "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
            + "\n".join(f"{b}: &{b} [{','.join([f'*{a}'] * 10)}]" for a, b in zip("abcdef", "bcdefg", strict=True)),
            id="a few lines that stand for ten million values",
        ),
    ],
)
def test_a_file_made_to_hurt_is_refused_and_not_unfolded(text: str) -> None:
    _, problems = parse("x.yaml", text)
    assert {problem.id for problem in problems} <= {"S106", "S101"}
    assert problems
