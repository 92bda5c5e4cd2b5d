"""Slack's incoming webhook: POST /slack/hook/{token} with {"text": …} answers `ok`, as the real one does."""

import time
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from sandbox.world import World


def routes(world: "World") -> list[Route]:
    """The hook, and GET /sandbox/slack: the messages so far."""

    async def hook(request: Request) -> Response:
        try:
            body: Any = await request.json()
        except ValueError:
            return PlainTextResponse("invalid_payload", 400)
        if not isinstance(body, dict) or not body.get("text"):
            return PlainTextResponse("no_text", 400)
        world.slack.append({"text": body["text"], "at_real": time.time()})
        return PlainTextResponse("ok")

    async def messages(_: Request) -> Response:
        return JSONResponse(world.slack)

    return [Route("/slack/hook/{token:path}", hook, methods=["POST"]), Route("/sandbox/slack", messages)]
