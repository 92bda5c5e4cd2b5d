"""What the environment says: where things are, how to sign in, what time it is. Read once, at the start of a process.

Secrets are kept out of every `repr`, log line and error message.
"""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from connectors.base import Credentials
from runtime import clocks
from runtime.clocks import REAL_TIME, BusinessClock
from runtime.reserves import Reserves
from runtime.running import find


class SettingsError(Exception):
    """A variable is missing or wrong. The message names it and the way out; it never shows a secret."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`host` and `port` are where the web process listens, `public_url` what the world calls it. `beat_seconds`, where
    set, is the longest interval of the quick ticks (real seconds): a demo wants them shorter. `look_back_after` is how
    many real seconds after a read has not found a write it is asked for again. `workers` is the number of processes
    that run jobs, `reserves` what bulk work leaves of a CRM's limits."""

    config: Path
    var: Path
    database_url: str = field(repr=False)
    redis_url: str | None = field(default=None, repr=False)
    clock: BusinessClock = REAL_TIME
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str | None = None
    beat_seconds: float | None = None
    look_back_after: float = 60.0
    workers: int = 3
    reserves: Reserves = field(default_factory=Reserves)
    log_level: str = "INFO"
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """The settings of this process. Where a `fairlead up` runs in the same folder, its embedded parts are used for
        whatever the environment does not name. SettingsError in one sentence where a variable is wrong."""
        told = dict(os.environ if environment is None else environment)
        var = Path(told.get("FAIRLEAD_VAR") or "var").absolute()
        running = find(var)
        given = {**(running.environment if running else {}), **{name: value for name, value in told.items() if value}}
        return cls(
            config=Path(given.get("FAIRLEAD_CONFIG", "config")).absolute(),
            var=var,
            database_url=given.get("DATABASE_URL") or f"sqlite:///{var / 'ledger.db'}",
            redis_url=_redis(given),
            clock=_clock(given),
            host=given.get("FAIRLEAD_HOST", "127.0.0.1"),
            port=_whole(given, "FAIRLEAD_PORT", 8080, 0, 65535),
            public_url=given.get("FAIRLEAD_PUBLIC_URL"),
            beat_seconds=_seconds(given, "FAIRLEAD_BEAT_SECONDS"),
            look_back_after=_seconds(given, "FAIRLEAD_LOOK_BACK_SECONDS") or 60.0,
            workers=_whole(given, "FAIRLEAD_WORKERS", 3, 1, 64),
            reserves=Reserves(
                for_hot=_whole(given, "FAIRLEAD_KEPT_FOR_HOT_LEADS", 10, 0, 90) / 100,
                for_others=_whole(given, "FAIRLEAD_KEPT_FOR_OTHER_TOOLS", 5, 0, 90) / 100,
            ),
            log_level=_level(given),
            environment=given,
        )

    def with_environment(self, more: Mapping[str, str]) -> "Settings":
        """The same settings with these variables set over them."""
        return Settings.from_environment({**self.environment, "FAIRLEAD_VAR": str(self.var), **more})

    def credentials(self, crm: str) -> Credentials:
        """How to sign in to this CRM. SettingsError names every variable that is missing, and a file that cannot be
        read or that others can read."""
        from connectors.registry import CRMS  # noqa: PLC0415 - start-up time: the CRMs' libraries are slow to load

        if crm not in CRMS:
            raise SettingsError(f"config/crm/{crm}.yaml names a CRM that Fairlead does not know: {', '.join(CRMS)}")
        names = CRMS[crm].signs_in_with
        url = self._url(names.url) or names.url_default
        for way in names.ways:
            needed = {"secret": way.secret, **way.extra}
            given = self._set(needed)
            if url and given.keys() == needed.keys():
                secret = given.pop("secret")
                return Credentials(url.rstrip("/"), secret, {**self._set(names.optional), **given}, way.name)
        missing = self.lacking(crm)
        are, them = ("is", "it") if len(missing) == 1 else ("are", "them")
        raise SettingsError(
            f"config has crm/{crm}.yaml, but {' and '.join(missing)} {are} not set: set {them} in the environment, "
            f"remove crm/{crm}.yaml, or try Fairlead out with `fairlead up --sandbox`"
        )

    def _url(self, name: str) -> str:
        url = self._set({"url": name}).get("url", "")
        try:
            parts = urlsplit(url)
            good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if url and not good:
            # Not repeated: it may hold what belongs into another variable.
            raise SettingsError(f"{name} is not the address of a CRM: write it in full, as https://HOST")
        return url

    def lacking(self, crm: str) -> list[str]:
        """The variables that are missing for the way of signing in to this CRM that lacks the fewest; none: all set."""
        from connectors.registry import CRMS  # noqa: PLC0415 - start-up time, as above

        names = CRMS[crm].signs_in_with
        address = [] if names.url_default or self._names(names.url) else [names.url]
        ways = [[name for name in (way.secret, *way.extra.values()) if not self._names(name)] for way in names.ways]
        return address + min(ways, key=lambda missing: len(missing))

    def variable(self, name: str) -> str | None:
        """What the variable says, or the file that NAME_FILE names; None where neither is set. SettingsError where that
        file cannot be read, or others can read it."""
        return self._set({"it": name}).get("it")

    def _names(self, name: str) -> bool:
        return bool(self.environment.get(name) or self.environment.get(f"{name}_FILE"))

    def _set(self, names: Mapping[str, str]) -> dict[str, str]:
        """Those of these variables that are set, by their keys; where VAR is not, what VAR_FILE names."""
        found = {}
        for key, name in names.items():
            if value := self.environment.get(name):
                found[key] = value
            elif path := self.environment.get(f"{name}_FILE"):
                found[key] = _only_ours(f"{name}_FILE", Path(path))
        return found


def _only_ours(variable: str, path: Path) -> str:
    """What the file says, without the blank ends. SettingsError where that is nothing, or others may read it."""
    try:
        with path.open(encoding="utf-8") as file:
            # Of the open file: the path might lead to another one a moment later.
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read().strip()
    except FileNotFoundError as problem:
        raise SettingsError(f"{variable} names {path}, and there is no such file") from problem
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        raise SettingsError(f"{variable} names {path}, and that cannot be read: {reason}") from problem
    except UnicodeDecodeError:
        # Without its cause, which shows what the file says.
        raise SettingsError(f"{variable} names {path}, and that is not text in UTF-8") from None
    if mode & 0o077:
        raise SettingsError(
            f"{variable} names {path}, which others than its owner may read (mode {mode:04o}): run `chmod 600 {path}`"
        )
    if not text:
        raise SettingsError(f"{variable} names {path}, and that file is empty")
    return text


def _clock(given: Mapping[str, str]) -> BusinessClock:
    text = given.get("FAIRLEAD_CLOCK")
    if not text:
        return REAL_TIME
    try:
        return clocks.parse(text)
    except ValueError as problem:
        raise SettingsError(f"FAIRLEAD_CLOCK is {text!r}: {problem}") from problem


def _redis(given: Mapping[str, str]) -> str | None:
    text = given.get("REDIS_URL")
    if not text:
        return None
    from redis.connection import parse_url  # noqa: PLC0415 - start-up time

    try:
        parse_url(text)  # type: ignore[no-untyped-call]  # redis-py has no annotation here
    except ValueError as problem:
        # The address itself is not repeated: it may hold a password.
        raise SettingsError(
            "REDIS_URL is not the address of a Redis: write redis://HOST:PORT/0, rediss://… or unix:///PATH, or unset "
            "it to use the embedded one"
        ) from problem
    return text


def _whole(given: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = given.get(name)
    if not text:
        return default
    if not text.isdecimal() or not least <= int(text) <= most:
        raise SettingsError(f"{name} is {text!r}: write a whole number from {least} to {most}")
    return int(text)


def _seconds(given: Mapping[str, str], name: str) -> float | None:
    text = given.get(name)
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= 3600:
        raise SettingsError(f"{name} is {text!r}: write a number of seconds from 0.1 to 3600")
    return seconds


def _level(given: Mapping[str, str]) -> str:
    level = given.get("FAIRLEAD_LOG_LEVEL", "INFO").upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise SettingsError(f"FAIRLEAD_LOG_LEVEL is {level!r}: write DEBUG, INFO, WARNING or ERROR")
    return level
