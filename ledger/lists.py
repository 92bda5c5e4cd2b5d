"""A list of values as one parameter of a statement, whose text stays the same however many they are.

`IN (?, ?, ...)` is laid out anew by SQLAlchemy for each list, value by value: for 200 of them that takes longer than
SQLite takes to find the rows. SQLite's `json_each` is in every build since 3.38, and was in nearly all before.
"""

import json
from collections.abc import Sequence
from typing import Any, Self

from sqlalchemy import ARRAY, Boolean, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Values(TypeDecorator[Sequence[Any]]):
    """Values of a column: an array on PostgreSQL, a JSON array on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self.of) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        values = list(value or ())
        if dialect.name == "postgresql":
            return values
        listed = json.dumps(values)
        if r"\u0000" in listed:
            # SQLite reads a text of JSON only up to there, and would find what is called like its beginning.
            return json.dumps([one for one in values if "\0" not in str(one)])
        return listed


class is_in_list(FunctionElement[bool]):  # noqa: N801 - it is read as a condition
    """The condition that a column of text or numbers has one of the values that are given under this name. A text with
    U+0000, which PostgreSQL refuses, is in no list on SQLite."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        super().__init__(column, bindparam(name, type_=_Values(column.type)))

    def self_group(self, against: object = None) -> Self:  # noqa: ARG002 - SQLAlchemy names it
        """As it is: SQLAlchemy would write `= 1` behind it on SQLite, and no index would serve."""
        return self


@compiles(is_in_list, "sqlite")
def _on_sqlite(condition: is_in_list, compiler: SQLCompiler, **how: Any) -> str:
    column, values = (compiler.process(part, **how) for part in condition.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - its own parts


@compiles(is_in_list, "postgresql")
def _on_postgresql(condition: is_in_list, compiler: SQLCompiler, **how: Any) -> str:
    column, values = (compiler.process(part, **how) for part in condition.clauses)
    return f"{column} = ANY ({values})"
