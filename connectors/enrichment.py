"""A service that knows companies: `GET address?domain=acme.example` answers a JSON object of canonical fields."""

import json
import math
import time
from collections.abc import Mapping

import requests

from connectors.base import Refused, TryLater
from connectors.values import storable
from domain.leads import Value
from domain.mapping import CANONICAL, FOUND_OUT

LARGEST = 64 * 1024
"""Bytes of an answer."""


def ask(session: requests.Session, url: str, key: str, value: str, seconds: float) -> Mapping[str, Value]:
    """What the service says about one value; nothing where it does not know it (404). TryLater where it is late, busy
    or not there, Refused for what is no answer. Its address may hold a secret, so no error repeats it."""
    ends = time.monotonic() + seconds
    try:
        with session.get(url, params={key: value}, timeout=seconds, stream=True, allow_redirects=False) as answer:
            if answer.status_code in (404, 204):
                return {}
            if answer.status_code == 429 or answer.status_code >= 500:
                raise TryLater(f"the service answered {answer.status_code}")
            if answer.status_code != 200:
                raise Refused(f"the service answered {answer.status_code}")
            return understood(_body(answer, ends))
    except requests.RequestException as error:
        raise TryLater(f"the service did not answer: {type(error).__name__}") from error


def _body(answer: requests.Response, ends: float) -> bytes:
    body = b""
    for part in answer.iter_content(8192):
        body += part
        if len(body) > LARGEST:
            raise Refused(f"the service's answer is longer than {LARGEST} bytes")
        if time.monotonic() > ends:
            raise TryLater("the service's answer came too late")
    return body


def understood(body: bytes) -> dict[str, Value]:
    """The fields of an answer that a lead can have; others, and what is no value, are left out."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused("the service's answer is not JSON") from error
    if not isinstance(told, dict):
        raise Refused("the service's answer is not a JSON object")
    values = {name: _value(raw) for name, raw in told.items() if _is_field(name)}
    return {name: value for name, value in values.items() if value is not None}


def _is_field(name: str) -> bool:
    return (name in CANONICAL and name not in FOUND_OUT) or (name.startswith("custom.") and name != "custom.")


def _value(raw: object) -> Value:
    if isinstance(raw, str):
        return storable(raw)
    if isinstance(raw, bool | int):
        return raw
    if isinstance(raw, float):
        return raw if math.isfinite(raw) else None
    if isinstance(raw, list) and all(isinstance(each, str) for each in raw):
        return tuple(storable(each) for each in raw)
    return None
