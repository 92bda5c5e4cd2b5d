"""How commands put things into sentences."""

from collections.abc import Iterable


def listed(words: Iterable[str]) -> str:
    """As a person lists them: `X`, `X and Y`, `X, Y and Z`; nothing for nothing."""
    *first, last = [*words] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def counted(number: int, one: str, many: str = "") -> str:
    """`1 lead`, `2 leads`; `many` where an s is not enough."""
    return f"{number} {one if number == 1 else many or one + 's'}"
