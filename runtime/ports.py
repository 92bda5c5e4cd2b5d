"""Who listens on a port of this machine, as far as Linux tells: for the message where the port is wanted twice."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
LISTENS = "0A"


def holder(port: int) -> str:
    """The process that listens there, as a person would look for it; `another program` where nobody tells, as on macOS
    or of another user's process."""
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    for process in PROC.glob("[0-9]*") if sockets else ():
        # Processes end meanwhile, and those of others do not show their files.
        with suppress(OSError):
            if any(str(file.readlink()) in sockets for file in (process / "fd").iterdir()):
                return _named(process)
    return "another program"


def _listening(port: int) -> Iterator[str]:
    """The inodes of the sockets that listen on it. The columns are those of proc_net(5)."""
    for table in ("net/tcp", "net/tcp6"):
        with suppress(OSError):
            for line in (PROC / table).read_text("ascii").splitlines()[1:]:
                _, local, _, state, *rest = line.split()
                if state == LISTENS and int(local.rpartition(":")[2], 16) == port:
                    yield rest[5]


def _named(process: Path) -> str:
    # Of the arguments no more than whether it is ours: there may be secrets among them.
    ours = b"runtime.web" in (process / "cmdline").read_bytes().split(b"\0")
    what = "the web process of another Fairlead" if ours else f"`{(process / 'comm').read_text('utf-8').strip()}`"
    return f"{what} (process {process.name})"
