"""Telling people in Slack, through an incoming webhook: one channel, people named in the text."""

from collections.abc import Sequence

import requests

from connectors.base import Refused, TryLater, Unknown
from connectors.wire import Timeout, never_sent, seconds

TIMEOUT: Timeout = (3.05, 10.0)


class Slack:
    """Posts to one incoming webhook. Its address is a secret, so no error repeats it."""

    def __init__(self, url: str, timeout: Timeout = TIMEOUT) -> None:
        self._url, self._timeout = url, timeout
        self._session = requests.Session()

    def send(self, event: str, to: Sequence[str], text: str) -> None:
        """TryLater when Slack asks for patience or is not there, Unknown when the answer got lost, else Refused."""
        message = {"text": f"{escaped(text)} ({escaped(event)}: {escaped(', '.join(to))})"}
        try:
            answer = self._session.post(self._url, json=message, timeout=self._timeout)
        except requests.RequestException as error:
            sentence = f"Slack did not answer: {type(error).__name__}"
            if never_sent(error):
                raise TryLater(sentence) from error
            raise Unknown(sentence) from error
        if answer.status_code == 429 or answer.status_code == 503:
            raise TryLater("Slack asks us to slow down", seconds(answer.headers.get("Retry-After")))
        if answer.status_code >= 500:
            raise Unknown(f"Slack answered {answer.status_code}")
        if answer.status_code >= 300:
            raise Refused(f"Slack answered {answer.status_code}: {answer.text[:200]}")


def escaped(text: str) -> str:
    """Text as Slack shows it literally: a lead's name must not become a link or call everybody in the channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
