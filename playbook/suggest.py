"""Did you mean ...?"""

from collections.abc import Iterable
from difflib import get_close_matches

MOST_NAMED = 8
"""Names listed where no single one is close."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was probably meant to be, without regard to case; None where none is close."""
    by_kernel = {_kernel(each): each for each in known}
    found = get_close_matches(_kernel(word), by_kernel, n=1, cutoff=0.6)
    return by_kernel[found[0]] if found else None


def _kernel(word: str) -> str:
    """What tells one word from another: of an address the part before the @, since colleagues share the rest."""
    return word.casefold().partition("@")[0]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint: the nearest known word, or else a few of those that there are."""
    known = list(known)
    if near := nearest(word, known):
        return f"did you mean {near!r}?"
    if not known:
        return ""
    more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
    return f"there are: {', '.join(known[:MOST_NAMED])}{more}"
