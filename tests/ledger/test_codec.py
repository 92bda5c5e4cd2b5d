"""What the codec writes, it reads back: equal, and of the same types."""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import reduce
from operator import or_
from types import MappingProxyType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.accounts import Account
from domain.actions import Action, WriteFields
from domain.activities import Activity
from domain.clocks import Clock
from domain.decisions import Decision
from domain.leads import Value
from ledger.codec import canonical, dump, load, text
from router.decide import Case, State
from tests.ledger.examples import key

STORED: list[Any] = [Decision, Clock, Action, Activity, Account, Case, State]


def any_of(type_: Any) -> st.SearchStrategy[Any]:
    """Every value that the annotation allows, optional fields included."""
    origin, args = get_origin(type_), get_args(type_)
    if is_dataclass(type_) and isinstance(type_, type):
        hints = get_type_hints(type_)
        return st.builds(type_, **{field.name: any_of(hints[field.name]) for field in fields(type_) if field.init})
    if origin in (Union, UnionType):
        return reduce(or_, map(any_of, args))
    if origin is Literal:
        return st.sampled_from(args)
    if origin is tuple and args[-1] is not Ellipsis:
        return st.tuples(*map(any_of, args))
    if origin is tuple:
        return st.lists(any_of(args[0]), max_size=2).map(tuple)
    if origin is Mapping:
        return st.dictionaries(st.text(WHOLE, max_size=5), any_of(args[1]), max_size=2)
    if isinstance(type_, type) and issubclass(type_, StrEnum):
        return st.sampled_from(list(type_))
    return PLAIN[type_]


WHOLE = st.characters(codec="utf-8")

PLAIN: Mapping[Any, st.SearchStrategy[Any]] = {
    str: st.sampled_from(["", "7", "1.0", "true", "null", "2026-11-23T09:00:00Z", "\0", "\ud83d"])
    | st.text(WHOLE, max_size=5),
    int: st.integers(),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    type(None): st.none(),
}


@pytest.mark.parametrize("type_", STORED, ids=lambda type_: getattr(type_, "__name__", "Action"))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_value_comes_back_as_it_was(type_: Any, data: st.DataObject) -> None:
    value = data.draw(any_of(type_))

    written = canonical(dump(value))
    back = load(type_, json.loads(written))

    assert back == value
    assert canonical(dump(back)) == written  # 1, 1.0 and True are equal, but their texts are not


@pytest.mark.parametrize("type_", STORED, ids=lambda type_: getattr(type_, "__name__", "Action"))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_text_that_is_made_in_one_go_says_the_same(type_: Any, data: st.DataObject) -> None:
    value = data.draw(any_of(type_))

    written = text(value)

    assert written.isascii()
    assert canonical(json.loads(written)) == canonical(dump(value))


@pytest.mark.parametrize("value", [1, 1.0, True, "1", "True", ("1",), (), None, 2**63, 0.1 + 0.2, -0.0, float("inf")])
def test_a_field_keeps_the_type_of_its_value(value: Any) -> None:
    stored = json.loads(canonical(dump(WriteFields(key(), {"field": value}))))

    back = load(Action, stored).fields["field"]

    assert (type(back), repr(back)) == (type(value), repr(value))


def test_read_only_mappings_are_stored_like_others() -> None:
    fields_ = {"employees": 120}

    assert dump(WriteFields(key(), MappingProxyType(fields_))) == dump(WriteFields(key(), fields_))


def test_half_a_character_in_the_name_of_a_field_becomes_a_question_mark_and_the_rest_stays() -> None:
    values: dict[str, Value] = {"company": "Acme \ud83d", "tags": ("é", "a"), "employees": 120, "custom.\ud83d": None}

    back = load(Action, dump(WriteFields(key(), MappingProxyType(values))))

    assert back.fields == {"company": "Acme \ud83d", "tags": ("é", "a"), "employees": 120, "custom.?": None}


def test_equal_data_have_one_text() -> None:
    assert canonical({"b": 1, "a": [1.0, "é"]}) == canonical({"a": [1.0, "é"], "b": 1}) == '{"a":[1.0,"\\u00e9"],"b":1}'


@pytest.mark.parametrize("way", [dump, text])
def test_what_is_none_of_ours_is_refused(way: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match="object"):
        way({"connection": object()})
