"""One HTTP request to somebody else's web server, as the stand-in CRMs send their messages."""

import asyncio
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

LARGEST_ANSWER = 65_536


async def post(url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> tuple[int, bytes] | None:
    """The answer's status and body (its beginning, if it is long); None where there was none in so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            return await _exchange(url, headers, body)
    except (OSError, TimeoutError, ValueError, IndexError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None


async def _exchange(url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
    to = urlsplit(url)
    secure = ssl.create_default_context() if to.scheme == "https" else None
    reader, writer = await asyncio.open_connection(to.hostname, to.port or (443 if secure else 80), ssl=secure)
    try:
        path = (to.path or "/") + (f"?{to.query}" if to.query else "")
        lines = [f"POST {path} HTTP/1.1", f"Host: {to.netloc}", f"Content-Length: {len(body)}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        answer = await reader.read(LARGEST_ANSWER)
        while len(answer) < LARGEST_ANSWER and (more := await reader.read(LARGEST_ANSWER)):
            answer += more
        return int(head.split(None, 2)[1]), answer
    finally:
        writer.close()
