"""Whatever somebody writes, the answer is a playbook or problems: never a traceback."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playbook.book import Playbook, Problem, load_texts
from playbook.source import Data, KeyPath, parse

LANGUAGE = Path(__file__).parent / "language"
TEXTS = {path.relative_to(LANGUAGE).as_posix(): path.read_text("utf-8") for path in sorted(LANGUAGE.rglob("*.*"))}

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["otherwise", "manager", "2026-02-30", "15 min", "-1 h", "a@b.example", "75 %", "99:99-10:00"]),
    lambda parts: st.lists(parts, max_size=2) | st.dictionaries(st.text(max_size=8), parts, max_size=2),
    max_leaves=4,
)  # fmt: skip


@cache
def parts(file: str) -> tuple[KeyPath, ...]:
    """Where something stands in the file."""
    source, _ = parse(file, TEXTS[file])
    assert source is not None
    return tuple(source.values)


def exchanged(data: Data, at: KeyPath, value: Any) -> Data:
    if not at:
        return value  # type: ignore[no-any-return]
    copy: Any = dict(data) if isinstance(data, dict) else list(data) if isinstance(data, list) else data
    copy[at[0]] = exchanged(copy[at[0]], at[1:], value)
    return copy


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_part_exchanged_for_anything_else_is_never_a_crash(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from([name for name in TEXTS if name.endswith(".yaml")]))
    at = data.draw(st.sampled_from(parts(file)))
    source, _ = parse(file, TEXTS[file])
    assert source is not None
    text = json.dumps(exchanged(source.data, at, data.draw(ANYTHING)), ensure_ascii=False)
    found = load_texts({**TEXTS, file: text})
    assert isinstance(found, Playbook) or all(isinstance(each, Problem) for each in found)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(TEXTS)), st.text())
def test_a_file_of_any_text_is_never_a_crash(file: str, text: str) -> None:
    found = load_texts({**TEXTS, file: text})
    assert isinstance(found, Playbook) or all(isinstance(each, Problem) for each in found)
