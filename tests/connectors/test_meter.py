"""What time it is in a CRM, as its answers tell."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from connectors.wire import Meter

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TOMORROW = NOON + timedelta(days=1)


def told(*answers: datetime | str) -> datetime | None:
    """What a meter believes after these answers."""
    meter = Meter()
    for each in answers:
        meter.answered({"Date": each if isinstance(each, str) else format_datetime(each, usegmt=True)})
    return meter.told


@pytest.mark.parametrize(
    ("answers", "believed"),
    [
        pytest.param([NOON, NOON + timedelta(minutes=5)], NOON + timedelta(minutes=5), id="time passes"),
        pytest.param([NOON, TOMORROW], NOON, id="one answer from tomorrow is not believed"),
        pytest.param([NOON, TOMORROW, NOON, TOMORROW, NOON], NOON, id="nor one now and then"),
        pytest.param([NOON, TOMORROW, TOMORROW], TOMORROW, id="two that agree are: nobody had asked for a day"),
        pytest.param([NOON, "yesterday"], NOON, id="a date that is none"),
        pytest.param(["yesterday"], None, id="nothing has been told yet"),
    ],
)
def test_a_jump_in_time_is_believed_once_it_is_said_twice(
    answers: list[datetime | str], believed: datetime | None
) -> None:
    assert told(*answers) == believed
