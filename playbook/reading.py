"""One reading of `config/`: what it found wrong, which names it defines, and where they are used.

Nothing stops at the first problem. A part that cannot be understood is reported and left out; names are checked when
everything has been read, so that the order of files and of sections does not matter.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from playbook.problems import Id, Problem
from playbook.source import Data, KeyPath, Place, Source, parse
from playbook.suggest import did_you_mean, nearest
from router.rules import Arrival, Recent
from router.values import Money


@dataclass(frozen=True, slots=True)
class NameKind:
    """A kind of thing that has names: what it is called, where it is defined, what using an unknown one is."""

    noun: str
    file: str
    missing: Id
    folded: bool = False
    """the name is compared like a lead's values: without case"""
    optional: bool = False
    """where none is defined, the value may come from the CRM instead"""
    hint: str = ""
    """the way out where nothing near is defined"""
    reserved: frozenset[str] = frozenset()
    """words that mean something else where such a name is used"""


KINDS = {
    "pool": NameKind("a pool", "teams.yaml", Id.NO_SUCH_POOL, reserved=frozenset({"territory.pool"})),
    "person": NameKind("a person in `reps`", "teams.yaml", Id.NO_SUCH_PERSON),
    "queue": NameKind("a queue", "teams.yaml", Id.NO_SUCH_QUEUE),
    "pool_or_queue": NameKind("a pool or a queue", "teams.yaml", Id.NO_SUCH_PLACE),
    "calendar": NameKind(
        "a calendar",
        "calendars.yaml",
        Id.NO_SUCH_CALENDAR,
        reserved=frozenset({"rep", "pool", "lead", "ignore"}),
    ),
    "tier": NameKind("a tier", "sla.yaml", Id.NO_SUCH_TIER),
    "ladder": NameKind("a ladder", "sla.yaml", Id.NO_SUCH_LADDER),
    "channel": NameKind("a channel", "notifications.yaml", Id.NO_SUCH_CHANNEL),
    "territory": NameKind("a territory", "territories.yaml", Id.NO_SUCH_TERRITORY, folded=True, optional=True),
    "territory_pool": NameKind("known while no territory names a pool", "territories.yaml", Id.NO_SUCH_TERRITORY),
    "intent": NameKind("an intent", "routing.yaml", Id.NO_SUCH_INTENT, folded=True, optional=True),
    "fit": NameKind("a fit", "routing.yaml", Id.NO_SUCH_FIT, folded=True, optional=True),
    "play": NameKind("a play", "routing.yaml", Id.NO_SUCH_PLAY, folded=True, optional=True),
    "segment": NameKind("a segment", "routing.yaml", Id.NO_SUCH_SEGMENT, folded=True, optional=True),
    "country": NameKind(
        "a country that is known",
        "routing.yaml",
        Id.NO_SUCH_COUNTRY,
        folded=True,
        hint="write its two-letter code, such as DE; names of your own stand under `normalise`",
    ),
    "experiment": NameKind("an experiment", "routing.yaml", Id.NAME_TWICE),
    "rule": NameKind("a rule", "routing.yaml", Id.NAME_TWICE),
}


RolesIn = Literal["opportunities", "team"]

_JOINED = {"pool_or_queue": ("pool", "queue")}
"""Kinds that have no names of their own."""


@dataclass(slots=True)
class Reading:
    """Collects while the files are read. `money` is what amounts are in and converted by; `unreadable` are files of
    which nothing is known, because they are no text or not YAML."""

    texts: Mapping[str, str]
    money: Money = field(default_factory=Money)
    asked: dict[str, Recent | Arrival] = field(default_factory=dict)
    """facts that conditions ask for beyond fields, by name"""
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    """what is no mistake, and may not do what was meant"""
    used: list[tuple[str, "Node"]] = field(default_factory=list)
    """fields of a lead that conditions are about, and where"""
    follows: set[RolesIn] = field(default_factory=set)
    """which roles in companies are asked for"""
    written: list[tuple[str, "Node"]] = field(default_factory=list)
    """fields that rules write, and where: every CRM has to know them"""
    unreadable: set[str] = field(default_factory=set)
    _names: dict[str, dict[str, "Node"]] = field(default_factory=dict)
    _mentions: list[tuple[str, str, "Node"]] = field(default_factory=list)

    def open(self, file: str) -> "Node | None":
        """The file's root; None where it does not exist, or is not YAML (which is a problem)."""
        if file not in self.texts:
            return None
        source, problems = parse(file, self.texts[file])
        self.problems += problems
        if source is None:
            self.unreadable.add(file)
            return None
        return Node(self, source, (), source.data)

    def define(self, kind: str, name: str, node: "Node") -> bool:
        """`name` is one of its kind from here on. False, and a problem, where it was already."""
        names = self._names.setdefault(kind, {})
        if name in names:
            first = names[name].place()
            node.problem(Id.NAME_TWICE, f"{name!r} is {KINDS[kind].noun} already, in line {first.line}")
            return False
        names[name] = node
        if name in KINDS[kind].reserved:
            message = f"{name!r} cannot be the name of {KINDS[kind].noun}: it means something else where it is used"
            node.key_problem(Id.RESERVED_NAME, message, "rename it")
        return True

    def follow(self, name: str) -> None:
        """A field or a reference is used that may ask for somebody's role in a company."""
        if name.startswith("account.open_opportunity."):
            self.follows.add("opportunities")
        if name.startswith("account.team."):
            self.follows.add("team")

    def name(self, kind: str, name: str, node: "Node") -> None:
        """`name` is one of its kind, perhaps not for the first time."""
        self._names.setdefault(kind, {}).setdefault(name, node)

    def names(self, kind: str) -> list[str]:
        return list(self._names.get(kind, ()))

    def mention(self, kind: str, name: str, node: "Node") -> None:
        """`name` is used here; `check_names` says whether there is such a thing."""
        self._mentions.append((kind, name, node))

    def mentioned(self, kind: str) -> set[str]:
        """The names of this kind that have been used so far."""
        return {name for each, name, _ in self._mentions if each == kind}

    def check_names(self) -> None:
        """Every name that was used must have been defined."""
        for kind, name, node in self._mentions:
            what, names = KINDS[kind], [each for one in _JOINED.get(kind, (kind,)) for each in self.names(one)]
            known = {each.casefold() for each in names} if what.folded else set(names)
            wanted = name.casefold() if what.folded else name
            # A file that could not be read defines nothing: reporting all that it would have defined buries the cause.
            if wanted in known or what.file in self.unreadable or (what.optional and not names):
                continue
            hint = what.hint or did_you_mean(name, names) or f"{what.file} defines none"
            node.problem(what.missing, f"{node.subject_prefix}{name!r} is not {what.noun}", hint)


@dataclass(frozen=True, slots=True)
class Node:
    """One part of a file with its place. `subject` is what it belongs to, in words (`rule 'DACH'`)."""

    reading: Reading
    source: Source
    path: KeyPath
    value: Data
    subject: str = ""

    @property
    def label(self) -> str:
        """The key that this value was written under."""
        return next((f"`{part}`" for part in reversed(self.path) if isinstance(part, str)), self.source.file)

    @property
    def subject_prefix(self) -> str:
        return f"{self.subject}: " if self.subject else ""

    def about(self, subject: str) -> "Node":
        return replace(self, subject=subject)

    def without(self, keys: Collection[str]) -> "Node":
        """The mapping without some of its keys."""
        entries = self.value.items() if isinstance(self.value, dict) else ()
        return replace(self, value={key: value for key, value in entries if key not in keys})

    def place(self) -> Place:
        return self.source.place(self.path)

    def key_place(self) -> Place:
        return self.source.keys.get(self.path) or self.place()

    def at(self) -> str:
        """`routing.yaml:12:5`."""
        place = self.place()
        return f"{self.source.file}:{place.line}:{place.column}"

    def problem(self, id_: Id, message: str, hint: str = "") -> None:
        """Something is wrong with the value."""
        self.reading.problems.append(Problem(self.source.file, *self.place(), id_, message, hint))

    def key_problem(self, id_: Id, message: str, hint: str = "") -> None:
        """Something is wrong with the key."""
        self.reading.problems.append(Problem(self.source.file, *self.key_place(), id_, message, hint))

    def note(self, id_: Id, message: str, hint: str = "") -> None:
        """The value is no mistake, and may not do what was meant."""
        self.reading.notes.append(Problem(self.source.file, *self.place(), id_, message, hint))

    def key_note(self, id_: Id, message: str, hint: str = "") -> None:
        """The key is no mistake, and may not do what was meant."""
        self.reading.notes.append(Problem(self.source.file, *self.key_place(), id_, message, hint))

    def not_built(self, what: str, at_key: bool = False) -> None:
        say = self.key_problem if at_key else self.problem
        say(
            Id.NOT_BUILT,
            f"{self.subject_prefix}{what} is part of the language but not built yet",
            "leave it out for now",
        )

    def expected(self, what: str, hint: str = "") -> None:
        """The value is not of the kind that belongs here."""
        message = f"{self.subject_prefix}{self.label} should be {what}, and is {_described(self.value)}"
        self.problem(Id.WRONG_KIND, message, hint)

    def elements(self) -> Iterator["Node"]:
        """The elements of a list; a value that is no list stands for a list of one."""
        if isinstance(self.value, list):
            for index, value in enumerate(self.value):
                yield replace(self, path=(*self.path, index), value=value)
        else:
            yield self

    def entries(self) -> Iterator[tuple[str, "Node"]]:
        """The keys and values of a mapping; nothing for other values."""
        if isinstance(self.value, dict):
            for key, value in self.value.items():
                yield key, replace(self, path=(*self.path, key), value=value)

    def mended(self, belongs: Callable[[str], bool]) -> "Node":
        """The mapping as it was meant where commas have cut values in two, as in `{ above: 50,000 EUR }`: of the keys
        that do not belong here, those are the rest of a value. Each such value is reported."""
        meant: dict[str, Data] = {}
        cut: dict[str, list[str]] = {}
        before: tuple[str, Node] | None = None
        for key, node in self.entries():
            if before and node.value is None and not belongs(key) and before[1]._may_go_on_with(node):
                cut.setdefault(before[0], []).append(key)
                continue
            meant[key], before = node.value, (key, node)
        for key, rest in cut.items():
            meant[key] = self._uncut(key, meant[key], rest)
        return replace(self, value=meant) if cut else self

    def _may_go_on_with(self, rest: "Node") -> bool:
        scalar = isinstance(self.value, str | int | float) and not isinstance(self.value, bool)
        return scalar and self.place().line == rest.key_place().line

    def _uncut(self, key: str, begins: Data, rest: list[str]) -> Data:
        meant, way_out = _in_one_piece(str(begins), rest)
        written = f"[{', '.join(str(each) for each in meant)}]" if isinstance(meant, list) else meant
        message = (
            f"{self.subject_prefix}a comma ends the value of `{key}`: it is {begins}, and `{rest[0]}` is left over"
        )
        node = replace(self, path=(*self.path, key))
        node.problem(Id.CUT_BY_COMMA, message, f"{way_out}: `{key}: {written}`")
        return meant

    def known_entries(self, known: frozenset[str], not_built: frozenset[str]) -> Iterator[tuple[str, "Node"]]:
        """The entries whose key belongs here. Others are reported, and read as the key that was probably meant."""
        written = set(self.value) if isinstance(self.value, dict) else set()
        for key, node in self.mended((known | not_built).__contains__).entries():
            if key in known:
                yield key, node
            elif key in not_built:
                node.not_built(f"`{key}`", at_key=True)
            else:
                meant = nearest(key, known | not_built)
                hint = did_you_mean(key, sorted(known | not_built))
                message = f"{self.subject_prefix}`{key}` is not a key that belongs here"
                node.key_problem(Id.UNKNOWN_KEY, message, hint)
                if meant in known and meant not in written:
                    written.add(meant)
                    yield meant, node


_DIGITS = re.compile(r"-?\d+")
_THOUSANDS = re.compile(r"(\d{3})(\s+[A-Z]{3})?")


def _in_one_piece(begins: str, rest: list[str]) -> tuple[Data, str]:
    """What was probably meant by a value that commas have cut, and how it is written."""
    groups = [_THOUSANDS.fullmatch(each) for each in rest]
    if _DIGITS.fullmatch(begins) and all(groups):
        number = begins + "".join(group[1] for group in groups if group)
        currency = groups[-1][2] if groups[-1] else None
        return (f"{number}{currency}" if currency else int(number)), "numbers are written without separators"
    if _DIGITS.fullmatch(begins) and len(rest) == 1 and rest[0].isdecimal():
        return float(f"{begins}.{rest[0]}"), "decimals are written with a dot"
    return [begins, *rest], "several are written in brackets, and a text that holds a comma in quotes"


def _described(value: Data) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return "true" if value else "false"
        case str():
            return f"the text {value!r}"
        case int() | float():
            return str(value)
        case []:
            return "an empty list"
        case list():
            return "a list"
        case {} if not value:
            return "empty"
        case _:
            return "a mapping"
