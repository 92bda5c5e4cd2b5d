"""The real Salesforce client, pointed at a running sandbox."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce

from tests.sandbox_process import SandboxProcess


class Detour(HTTPAdapter):
    """simple-salesforce knows https only; this takes whatever it asks for to the sandbox."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        super().__init__()
        self._to = urlsplit(sandbox.url)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        url = urlsplit(str(request.url))
        request.headers["X-Orig-Host"] = url.netloc if url.port else self._to.netloc
        request.url = urlunsplit((self._to.scheme, self._to.netloc, url.path, url.query, url.fragment))
        kwargs["timeout"] = 10
        return super().send(request, *args, **kwargs)


def client(sandbox: SandboxProcess, secret: str = "sandbox-secret") -> Salesforce:
    """Signed in with client credentials, as the product is."""
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", Detour(sandbox))
    return Salesforce(consumer_key="sandbox-key", consumer_secret=secret, domain="acme.my", session=session)


def collections(client: Salesforce, method: str, records: list[dict[str, Any]], all_or_none: bool = False) -> Any:
    """One sObject Collections call for leads; its results in order."""
    rows = [{"attributes": {"type": "Lead"}, **record} for record in records]
    body = {"allOrNone": all_or_none, "records": rows}
    return client.restful("composite/sobjects", method=method, json=body)


def codes(results: Any) -> list[str]:
    """Per row of a collections call: the refusal's code, or empty where it was written."""
    return [result["errors"][0]["statusCode"] if result["errors"] else "" for result in results]
