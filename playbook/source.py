"""One YAML file as plain data, beside the place of every key and value in it.

YAML 1.2 as people expect it: only `true` and `false` are booleans, only decimal numbers without a leading zero or plus
are numbers, and everything else is text: `NO` is Norway, `010` a postcode, `09:30` a time of day, `2026-12-24` a date
to be read where one is expected. PyYAML's own rules are those of YAML 1.1, where each of these is something else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, ClassVar, NamedTuple, Union

import yaml

from playbook.problems import Id, Problem

Data = Union[None, bool, int, float, str, list["Data"], dict[str, "Data"]]  # noqa: UP007 -- recursive: `|` fails at run time
KeyPath = tuple[str | int, ...]

MOST_PARTS = 500_000
"""Keys and values in one file. Aliases within aliases can turn a few lines into billions of parts."""


class Place(NamedTuple):
    """Where something was written, counted from 1."""

    line: int
    column: int


START = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Source:
    """A file that could be read. `values` and `keys` hold the place of the value and of the key at each path."""

    file: str
    data: Data
    values: Mapping[KeyPath, Place] = field(default_factory=dict)
    keys: Mapping[KeyPath, Place] = field(default_factory=dict)

    def place(self, path: KeyPath) -> Place:
        """The place of the value at `path`, or of the nearest part around it that is there."""
        while path not in self.values and path:
            path = path[:-1]
        return self.values.get(path, START)


class _Yaml12(yaml.CSafeLoader):
    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}  # type: ignore[misc]  # the class sets it, not the instance


_TAG = "tag:yaml.org,2002:"
_NUMBER_STARTS = list("-0123456789")
for _tag, _pattern, _starts in (
    ("bool", r"true|false", ["t", "f"]),
    ("null", r"~|null|", ["~", "n", ""]),
    ("int", r"-?(?:0|[1-9][0-9]*)", _NUMBER_STARTS),
    ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)", _NUMBER_STARTS),
):
    _Yaml12.add_implicit_resolver(_TAG + _tag, re.compile(rf"(?:{_pattern})\Z"), _starts)

_HINTS = {
    "mapping values are not allowed": "a text that holds a colon and a blank needs quotes; or look at the indentation",
    "cannot start any token": "indent with blanks, not with tabs; a text that starts with % @ ` needs quotes",
    "did not find expected ','": "a bracket or brace is not closed, or a comma is missing",
    "could not find expected ':'": "a key is written `key: value`",
    "did not find expected key": "look at the indentation: keys of one mapping start in the same column",
    "found another document": "one file holds one document: take out the second `---`",
    "undefined alias": "a `*name` refers to an `&name` that stands before it; a text that starts with * needs quotes",
}


def parse(file: str, text: str) -> tuple[Source | None, list[Problem]]:
    """The file's content, and what is wrong with its form; no source where it is not YAML at all."""
    try:
        root = yaml.compose(text, Loader=_Yaml12)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else START
        what = error.problem or "it cannot be read"
        hint = next((hint for part, hint in _HINTS.items() if part in f"{what} {error.context}"), "")
        return None, [Problem(file, line, column, Id.SYNTAX, f"this is not YAML: {what}", hint)]
    except yaml.YAMLError as error:
        what = str(error).splitlines()[0]
        return None, [
            Problem(file, *START, Id.SYNTAX, f"this is not YAML: {what}", "save the file as plain UTF-8 text")
        ]
    walk = _Walk(file)
    try:
        data = walk.read(root, ()) if root is not None else None
    except RecursionError:
        return None, [Problem(file, *START, Id.TOO_LARGE, "lists and mappings are nested too deep")]
    return Source(file, data, walk.values, walk.keys), walk.problems


class _Walk:
    """Turns the nodes of one file into plain data and remembers where each stood."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.values: dict[KeyPath, Place] = {}
        self.keys: dict[KeyPath, Place] = {}
        self.problems: list[Problem] = []
        self._open: list[yaml.Node] = []

    def read(self, node: yaml.Node, path: KeyPath) -> Data:
        place = _place(node)
        self.values[path] = place
        if len(self.values) > MOST_PARTS or any(each is node for each in self._open):
            self._say(place, Id.TOO_LARGE, "this part contains itself, or the file is too large")
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, place)
        self._open.append(node)
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.read(child, (*path, index)) for index, child in enumerate(node.value)]
            return self._mapping(node, path)
        finally:
            self._open.pop()

    def _mapping(self, node: yaml.Node, path: KeyPath) -> Data:
        data: dict[str, Data] = {}
        for key_node, value_node in node.value:
            place = _place(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self._say(place, Id.WRONG_KIND, "a key is a name, not a list or a mapping")
                continue
            # Names are text whatever they look like: a pool may be called 2026, a country NO.
            key = str(key_node.value)
            here = (*path, key)
            if key in data:
                first = self.keys[here].line
                self._say(place, Id.DUPLICATE_KEY, f"{key!r} is written twice; the first is in line {first}")
                continue
            self.keys[here] = place
            data[key] = self.read(value_node, here)
        return data

    def _scalar(self, node: yaml.ScalarNode, place: Place) -> Data:
        text = str(node.value)
        try:
            match node.tag.removeprefix(_TAG):
                case "str":
                    return text
                case "bool":
                    return {"true": True, "false": False}[text]
                case "null":
                    return None
                case "int" if isfinite(float(text)):
                    return int(text)
                case "float" if isfinite(float(text)):
                    return float(text)
                case "int" | "float":
                    self._say(place, Id.WRONG_KIND, f"{text[:20]!r} is no number that anything can be compared with")
                    return None
        except (ValueError, KeyError):
            self._say(place, Id.WRONG_KIND, f"{text!r} is not a {node.tag.removeprefix(_TAG)}")
            return None
        self._say(place, Id.WRONG_KIND, f"the tag {node.tag!r} means nothing here", "take it out, or quote the text")
        return None

    def _say(self, place: Place, id_: Id, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.file, *place, id_, message, hint))


def _place(node: yaml.Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)
