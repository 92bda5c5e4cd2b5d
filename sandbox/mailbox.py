"""A stand-in for a mail server: as much of IMAP4rev1 (RFC 3501) as listing the headers of a folder takes.

It keeps its mails in memory, listens on a port of the loopback interface, and answers as Dovecot does: sequence
numbers, UIDs, literals, and the last mail for `7:*` although its UID is lower.
"""

import re
import shlex
import socketserver
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from threading import Thread
from typing import Any, Self

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclass(slots=True)
class Folder:
    """Mails by UID, each as it was sent, with the day on which it came in."""

    validity: int = 1
    mails: dict[int, tuple[bytes, datetime]] = field(default_factory=dict)


class MailServer:
    """Use it as a context manager. `folders` may be changed while it runs; `silent` accepts connections and says
    nothing. `commands` are those that were sent, without passwords."""

    def __init__(self, user: str = "ana", password: str = "open sesame") -> None:  # noqa: S107 - of a stand-in
        self.user, self.password = user, password
        self.folders: dict[str, Folder] = {"INBOX": Folder(), "Sent": Folder()}
        self.silent = False
        self.commands: list[str] = []
        owner = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                _Conversation(owner, self.rfile, self.wfile).hold()

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(self, folder: str, mail: str | bytes, at: datetime | None = None) -> int:
        """Put a mail into a folder; its UID."""
        into = self.folders.setdefault(folder, Folder())
        raw = mail if isinstance(mail, bytes) else mail.encode()
        uid = max(into.mails, default=0) + 1
        into.mails[uid] = (raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), at or datetime.fromtimestamp(0, UTC))
        return uid


class _Conversation:
    """One connection."""

    def __init__(self, server: MailServer, rfile: Any, wfile: Any) -> None:
        self._server, self._rfile, self._wfile = server, rfile, wfile
        self._folder: Folder | None = None
        self._signed_in = False

    def hold(self) -> None:
        if self._server.silent:
            self._rfile.read(1)  # until the other side has waited long enough
            return
        self._say("* OK [CAPABILITY IMAP4rev1] ready")
        for line in self._rfile:
            tag, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            if not self._answer(tag, rest):
                return

    def _say(self, line: str | bytes) -> None:
        self._wfile.write((line if isinstance(line, bytes) else line.encode()) + b"\r\n")

    def _answer(self, tag: str, rest: str) -> bool:
        """Whether the conversation goes on."""
        name = rest.split(" ")[0].upper()
        self._server.commands.append(name if name == "LOGIN" else rest)
        if name == "UID":
            name = " ".join(rest.split(" ")[:2]).upper()
        match name:
            case "CAPABILITY":
                self._say("* CAPABILITY IMAP4rev1")
            case "LOGIN":
                if shlex.split(rest)[1:] != [self._server.user, self._server.password]:
                    self._say(f"{tag} NO [AUTHENTICATIONFAILED] Authentication failed.")
                    return True
                self._signed_in = True
            case "LOGOUT":
                self._say("* BYE Logging out")
                self._say(f"{tag} OK Logout completed.")
                return False
            case _ if not self._signed_in:
                self._say(f"{tag} BAD Please log in first.")
                return True
            case "SELECT" | "EXAMINE":
                self._folder = self._server.folders.get(shlex.split(rest)[1])
                if self._folder is None:
                    self._say(f"{tag} NO [NONEXISTENT] Mailbox doesn't exist")
                    return True
                self._say(f"* {len(self._folder.mails)} EXISTS")
                self._say(f"* OK [UIDVALIDITY {self._folder.validity}] UIDs valid")
            case "UID SEARCH" if self._folder:
                self._say(" ".join(["* SEARCH", *map(str, self._found(rest.split(" ", 2)[2]))]))
            case "UID FETCH" if self._folder:
                self._fetch(rest)
            case _:
                self._say(f"{tag} BAD Unknown command.")
                return True
        self._say(f"{tag} OK {name.title()} completed.")
        return True

    def _found(self, criterion: str) -> Iterator[int]:
        mails = self._folder.mails if self._folder else {}
        if since := re.fullmatch(r"SINCE (\d+)-(\w+)-(\d+)", criterion):
            day = datetime(int(since[3]), _MONTHS.index(since[2]) + 1, int(since[1]), tzinfo=UTC)
            yield from (uid for uid, (_, at) in mails.items() if at >= day)
        elif (span := re.fullmatch(r"UID (\d+):\*", criterion)) and mails:
            yield from (uid for uid in mails if uid >= int(span[1]) or uid == max(mails))

    def _fetch(self, rest: str) -> None:
        uids = [int(uid) for uid in rest.split(" ")[2].split(",")]
        found = re.search(r"HEADER\.FIELDS \(([^)]*)\)", rest)
        wanted = found[1] if found else ""
        order = list(self._folder.mails) if self._folder else []
        for uid in uids:
            if self._folder is None or uid not in self._folder.mails:
                continue
            headers = _headers(self._folder.mails[uid][0], frozenset(wanted.lower().split()))
            start = f"* {order.index(uid) + 1} FETCH (UID {uid} BODY[HEADER.FIELDS ({wanted})] {{{len(headers)}}}"
            self._say(start.encode())
            self._say(headers + b")")


def _headers(raw: bytes, wanted: frozenset[str]) -> bytes:
    message = BytesHeaderParser().parsebytes(raw)
    lines = [f"{name}: {value}" for name, value in message.items() if name.lower() in wanted]
    return ("\r\n".join([*lines, "", ""])).encode("utf-8", "surrogateescape")
