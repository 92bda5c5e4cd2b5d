"""A web server in HubSpot's place that answers as a test says: for what the sandbox has no words for."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

NOON = "Mon, 01 Jun 2026 12:00:00 GMT"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `form` holds a form's fields, `body` what was sent as JSON."""

    method: str
    path: str
    token: str
    form: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is text, or becomes JSON."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(slots=True)
class Server:
    url: str
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def answering(answer: Callable[[Asked], Answer]) -> Iterator[Server]:
    """A server on a free port for the block."""
    server = Server("")

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = _asked(self.command, self.path, self.headers.get("Authorization") or "", data)
            server.asked.append(asked)
            given = answer(asked)
            self.send_response_only(given.status)
            for name, value in {"Date": NOON, "Content-Length": str(len(given.data)), **given.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(given.data)

        do_GET = do_POST = _serve  # noqa: N815  (the server looks for these names)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        Thread(target=listening.serve_forever, daemon=True).start()
        server.url = f"http://127.0.0.1:{listening.server_port}"
        yield server
        listening.shutdown()


def _asked(method: str, path: str, authorization: str, data: bytes) -> Asked:
    text = data.decode()
    is_json = text.startswith(("{", "["))
    form = {} if is_json else {name: values[0] for name, values in parse_qs(text).items()}
    body = json.loads(text) if is_json else None
    return Asked(method, urlsplit(path).path, authorization.removeprefix("Bearer "), form, body)
