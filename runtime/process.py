"""What web, worker and beat have in common: they start from the environment, and a bad start is one sentence."""

import gc
import sys
from collections.abc import Callable

import structlog

from connectors.base import ConnectorError
from runtime import telemetry
from runtime.settings import Settings, SettingsError
from runtime.wiring import PlaybookProblems


def run(name: str, body: Callable[[Settings], None]) -> int:
    """Run one process to its end; its exit status. The one broad `except` of the process is here."""
    try:
        settings = Settings.from_environment()
        telemetry.configure(name, settings.log_level)
        body(settings)
    except (SettingsError, PlaybookProblems, ConnectorError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    except Exception as problem:
        structlog.get_logger("fairlead").exception("the process ends")
        sys.stderr.write(f"{name} ends: {type(problem).__name__}: {problem}\n")
        return 1
    return 0


NEW_OBJECTS = 20_000
"""After so many the collector looks through them, and not after Python's 700 (2,000 since 3.13): a batch of leads makes
ten thousand, nearly all of which go by themselves; to look at them again and again while it is decided took a thirtieth
of the time."""


def keep_what_is_loaded() -> None:
    """What was loaded by now stays: else each full garbage collection looks at all of it again, for a tenth of a second
    in which nothing else happens. What comes after is looked through less often (`NEW_OBJECTS`)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)


def redis_url(settings: Settings) -> str:
    """The broker's address; SettingsError where none is named."""
    if settings.redis_url:
        return settings.redis_url
    raise SettingsError("REDIS_URL is not set: set it, or use `fairlead up`, which brings its own server")
