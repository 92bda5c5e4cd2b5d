"""A folder of a mailbox over IMAP: the headers of what is new. Nothing is marked, moved or changed."""

import base64
import imaplib
import re
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote, urlsplit

from connectors.base import NotSignedIn, Refused, TryLater
from connectors.mail.headers import READ, Automated, mail_of
from domain.activities import Mail

CALL_SECONDS = 10.0
"""How long one answer of the server is waited for."""

LOOK_SECONDS = 60.0
"""How long one look may take: it has to fit into a job. What is left is for the next one."""

AT_ONCE, MOST = 50, 500
"""Mails that are asked for in one command, and in one look."""

_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox and the sign-in. `imaps` is TLS from the start; `imap` turns to TLS before the sign-in, unless it is
    this machine. An answer is waited for so many `seconds`."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: bool = True
    seconds: float = CALL_SECONDS


@dataclass(frozen=True, slots=True)
class Look:
    """New mails, and where the next look goes on. With `more` there is more at once."""

    mails: tuple[Mail, ...]
    position: str
    more: bool = False


def address_of(url: str) -> Address:
    """The mailbox of `imaps://user:password@host[:port]`. Refused, without repeating it, where it is none."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port or {"imaps": 993, "imap": 143}[parts.scheme]
        if not parts.hostname or not parts.username or parts.password is None:
            raise ValueError
    except (ValueError, KeyError):
        raise Refused("it is not the address of a mailbox: write imaps://USER:PASSWORD@HOST") from None
    return Address(parts.hostname, port, unquote(parts.username), unquote(parts.password), parts.scheme == "imaps")


def look(
    address: Address,
    folder: str,
    position: str | None,
    since: datetime,
    automated: Automated,
    context: ssl.SSLContext | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Look:
    """Mails that came into the folder after `position` (None: of the day of `since` and later).

    Raises TryLater where the server cannot be reached, NotSignedIn where it does not let us in, Refused where there is
    no such folder.
    """
    until = monotonic() + LOOK_SECONDS
    try:
        with _signed_in(address, context) as server:
            return _look(server, folder, position, since, automated, lambda: monotonic() >= until)
    except (OSError, imaplib.IMAP4.abort) as problem:
        raise TryLater(f"the mail server {address.host} does not answer: {problem}") from problem
    except imaplib.IMAP4.error as problem:
        raise Refused(f"the mail server {address.host} refuses: {problem}") from problem


@contextmanager
def _signed_in(address: Address, context: ssl.SSLContext | None) -> Iterator[imaplib.IMAP4]:
    tls = context or ssl.create_default_context()
    server: imaplib.IMAP4
    if address.tls:
        server = imaplib.IMAP4_SSL(address.host, address.port, ssl_context=tls, timeout=address.seconds)
    else:
        server = imaplib.IMAP4(address.host, address.port, timeout=address.seconds)
    try:
        if not address.tls and address.host not in _LOCAL:
            server.starttls(tls)
        try:
            server.login(address.user, address.password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as problem:
            # Without its words: some servers repeat what was sent.
            raise NotSignedIn(
                f"the mail server {address.host} does not let us in: look at user and password"
            ) from problem
        yield server
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            server.logout()


def _look(
    server: imaplib.IMAP4,
    folder: str,
    position: str | None,
    since: datetime,
    automated: Automated,
    late: Callable[[], bool],
) -> Look:
    answer, told = server.select(_quoted(folder), readonly=True)
    if answer != "OK":
        raise Refused(f"there is no folder {folder!r} in the mailbox")
    validity = _number(server.response("UIDVALIDITY")[1])
    kept, _, last = (position or "").partition(":")
    known = int(last) if kept == str(validity) and last.isdecimal() else 0
    criterion = f"UID {known + 1}:*" if known else f"SINCE {since.day:02d}-{_MONTHS[since.month - 1]}-{since.year}"
    answer, told = server.uid("SEARCH", criterion)
    if answer != "OK":
        raise TryLater("the mail server cannot search just now")
    # `7:*` names the last mail even where its number is lower than 7.
    uids = sorted(uid for uid in map(int, b" ".join(filter(None, told)).split()) if uid > known)
    mails: list[Mail] = []
    for start in range(0, min(len(uids), MOST), AT_ONCE):
        if late():
            break
        chunk = uids[start : min(start + AT_ONCE, MOST)]
        mails += _fetched(server, chunk, automated)
        known = chunk[-1]
    return Look(tuple(mails), f"{validity}:{known}", bool(uids) and known < uids[-1])


def _fetched(server: imaplib.IMAP4, uids: list[int], automated: Automated) -> Iterator[Mail]:
    names = " ".join(dict.fromkeys(name.upper() for name in (*READ, *automated.headers)))
    answer, told = server.uid("FETCH", ",".join(map(str, uids)), f"(UID BODY.PEEK[HEADER.FIELDS ({names})])")
    if answer != "OK":
        raise TryLater("the mail server cannot show its mails just now")
    for part in told:
        if isinstance(part, tuple) and (mail := mail_of(part[1], automated)):
            yield mail


_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def _number(told: object) -> int:
    found = (
        re.search(rb"\d+", b" ".join(each for each in told if isinstance(each, bytes)))
        if isinstance(told, list)
        else None
    )
    return int(found[0]) if found else 0


def _quoted(folder: str) -> str:
    """The folder's name as IMAP wants it: in quotes, and what is not ASCII in its own UTF-7 (RFC 3501, 5.1.3)."""
    coded = re.sub(r"[^\x20-\x7e]+", _utf7, folder.replace("&", "&-"))
    return '"' + coded.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(found: "re.Match[str]") -> str:
    code = base64.b64encode(found[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
    return f"&{code}-"
