"""Telling people on a terminal: what `fairlead up` and the demo show."""

from collections.abc import Sequence
from typing import TextIO


class Terminal:
    """Writes one line per message to a stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def send(self, event: str, to: Sequence[str], text: str) -> None:
        """One line, whatever the text holds: leads type it, and a control character can rewrite a screen."""
        line = "".join(character if character.isprintable() else " " for character in text)
        self._stream.write(f"{event}: {line} (to {', '.join(to) or 'nobody'})\n")
        self._stream.flush()
