"""What web, worker and beat have in common: they start from the environment, and a bad start is one sentence."""

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


def redis_url(settings: Settings) -> str:
    """The broker's address; SettingsError where none is named."""
    if settings.redis_url:
        return settings.redis_url
    raise SettingsError("REDIS_URL is not set: set it, or use `fairlead up`, which brings its own server")
