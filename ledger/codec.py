"""Domain values to JSON and back, without losing anything.

Whatever `dump` writes, `load` reads back equal: times to the microsecond, floats to the last bit (infinities too), text
that looks like a number, an empty tuple, and which member of a union (`kind`) it was.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, overload

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

T = TypeVar("T")


def dump(value: object) -> object:
    """Plain lists, dicts with text keys, text, numbers, booleans and None; times as ISO 8601 text.

    PydanticSerializationError for a value that is none of ours.
    """
    return to_jsonable_python(value, inf_nan_mode="constants", fallback=_plain)


@overload
def load(type_: type[T], data: object) -> T: ...
@overload
def load(type_: Any, data: object) -> Any: ...
def load(type_: Any, data: object) -> Any:
    """The value that `dump` wrote. `type_` may be a union (`Action`), whose members are told apart by `kind`.

    pydantic.ValidationError where the data is not such a value.
    """
    return _adapter(type_).validate_python(data)


def canonical(data: object) -> str:
    """The one JSON text of plain data: keys sorted, no blanks, ASCII only.

    Equal data give equal text, so it can be hashed; and it fits into any database, which raw text does not:
    PostgreSQL refuses U+0000, and a lone surrogate has no UTF-8.
    """
    return json.dumps(data, sort_keys=True, separators=(",", ":"))


@cache
def _adapter(type_: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type_)


def _plain(value: object) -> object:
    """Read-only mappings, which pydantic does not know."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"cannot store a {type(value).__name__}")
