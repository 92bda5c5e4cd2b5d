"""Every question with every answer: more pairs than `make test` has time for."""

from collections.abc import Mapping
from typing import TypeVar

import pytest
from _pytest.mark.structures import ParameterSet

Q = TypeVar("Q")
A = TypeVar("A")


def every_pair(questions: Mapping[str, Q], answers: Mapping[str, A], *, quick: str) -> list[ParameterSet]:
    """Parameters (question, answer), named after both. All answers to the question `quick`, for which each of them
    means something, and one answer to each other question, a different one in turn, are quick; the rest is slow."""
    return [
        pytest.param(
            question,
            answer,
            id=f"{asked}-{answered}",
            marks=() if asked == quick or column == row % len(answers) else pytest.mark.slow,
        )
        for row, (asked, question) in enumerate(questions.items())
        for column, (answered, answer) in enumerate(answers.items())
    ]
