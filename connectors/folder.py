"""A folder of growing files: what is new since the last look, however the files are rotated.

A place in a file is known by the file's name and how it begins. A file that was renamed keeps its place under its new
name, and one that was replaced begins anew. To read something twice is harmless to whoever reads; to skip it is not.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

from connectors.base import Refused, TryLater

MOST_BYTES = 4_000_000
"""Of one look: it has to fit into a job."""

_BEGINNING = 1_024
_MOST_FILES = 1_000
_FIRST_LINES = 10
_LEFT_OUT = (".gz", ".bz2", ".xz", ".zip", ".tmp", ".part", ".swp")


@dataclass(frozen=True, slots=True)
class Place:
    """How far a file was read: bytes and lines; `size` is how large it was then. `head` is the hash of its first
    `begins` bytes."""

    offset: int
    lines: int
    size: int
    begins: int
    head: str


@dataclass(frozen=True, slots=True)
class Part:
    """New lines of one file, numbered from its first. `first` are the lines that it begins with, up to ten: a table
    names its columns there."""

    file: str
    first: tuple[str, ...]
    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What one look has found, and where the next goes on (`position`, as text). With `more` there is more at once."""

    parts: tuple[Part, ...]
    position: str
    more: bool = False


def look(folder: Path, position: str | None, most: int = MOST_BYTES) -> Look:
    """New whole lines in the folder's files, oldest file first. A last line that nobody has ended is taken when its
    file has not grown since the look before.

    Refused where there is no such folder, or it cannot be read; TryLater where a file cannot be read just now.
    """
    known = {name: Place(**place) for name, place in json.loads(position or "{}").items()}
    kept: dict[str, Place] = {}
    parts: list[Part] = []
    left, more = most, False
    files = list(_files(folder))
    for path in files:
        try:
            place = _place(path, known, {each.name for each in files})
            part, kept[path.name], cut = _read(path, place, known.get(path.name), left)
        except OSError as problem:
            raise TryLater(f"{path.name} cannot be read: {problem.strerror}") from problem
        if part.lines:
            parts.append(part)
        left -= kept[path.name].offset - place.offset
        # What is left over of the bytes is too little for a line, perhaps.
        more = cut or (left <= 0 and path is not files[-1])
        if more:
            break
    # Files that this look did not come to keep their places; those that are gone lose them.
    for path in files:
        if path.name not in kept and path.name in known:
            kept[path.name] = known[path.name]
    return Look(tuple(parts), json.dumps({name: asdict(place) for name, place in sorted(kept.items())}), more)


def _files(folder: Path) -> Iterator[Path]:
    try:
        found = [
            path
            for path in folder.iterdir()
            if not path.name.startswith(".") and path.suffix.lower() not in _LEFT_OUT and path.is_file()
        ]
        found.sort(key=lambda path: (path.stat().st_mtime_ns, path.name))
    except (FileNotFoundError, NotADirectoryError) as problem:
        raise Refused(f"there is no folder {folder}") from problem
    except OSError as problem:
        raise Refused(f"the folder {folder} cannot be read: {problem.strerror}") from problem
    if len(found) > _MOST_FILES:
        raise Refused(f"the folder {folder} has {len(found):,} files: keep at most {_MOST_FILES:,} there")
    yield from found


def _place(path: Path, known: dict[str, Place], there: set[str]) -> Place:
    """Where to go on in this file: where it was, or where a file was that has its beginning and another name now."""
    size = path.stat().st_size
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING)
    own = known.get(path.name)
    # Whether another file has moved is asked only of a file that is not where it was: it opens that one.
    others = (place for name, place in known.items() if name != path.name and _moved(name, place, path, there))
    for place in chain([own] if own else [], others):
        if place.offset <= size and place.begins and _hash(beginning[: place.begins]) == place.head:
            return place
    return Place(0, 0, -1, 0, "")


def _moved(name: str, place: Place, path: Path, there: set[str]) -> bool:
    """Whether the file of that name is another one by now."""
    if name not in there:
        return True
    with (path.parent / name).open("rb") as file:
        return _hash(file.read(place.begins)) != place.head


def _read(path: Path, place: Place, before: Place | None, most: int) -> tuple[Part, Place, bool]:
    """New lines, the place after them, and whether the file has more than this look may take."""
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING)
        first = (beginning if place.offset else beginning + file.read(8 * _BEGINNING)).splitlines()[:_FIRST_LINES]
        file.seek(place.offset)
        data = file.read(most)
        size = path.stat().st_size
    cut = size > place.offset + len(data)
    if cut:
        # There is more: a line that this look cuts in two belongs to the next one.
        data = data[: data.rfind(b"\n") + 1] or data
    elif not data.endswith(b"\n") and (before is None or before.size != size):
        data = data[: data.rfind(b"\n") + 1]
    texts = data.split(b"\n")
    if texts and not texts[-1]:
        texts.pop()
    lines = tuple((place.lines + at, _text(text)) for at, text in enumerate(texts, start=1))
    begins = min(len(beginning), place.offset + len(data), _BEGINNING)
    after = Place(place.offset + len(data), place.lines + len(lines), size, begins, _hash(beginning[:begins]))
    return Part(path.name, tuple(map(_text, first)), lines), after, cut


def _text(line: bytes) -> str:
    return line.decode("utf-8-sig" if line.startswith(b"\xef\xbb\xbf") else "utf-8", "surrogateescape")


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
