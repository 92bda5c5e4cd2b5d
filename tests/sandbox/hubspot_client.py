"""The real HubSpot client, pointed at a running sandbox."""

from typing import Any

import hubspot
import requests
from urllib3 import Retry

from tests.sandbox_process import SandboxProcess

TOKEN = "pat-na1-sandbox"
OWNER = "hubspot_owner_id"


def client(sandbox: SandboxProcess, token: str = TOKEN) -> Any:
    """hubspot-api-client without retries of its own, so that each refusal is seen."""
    retry = Retry(0, redirect=0, respect_retry_after_header=False, raise_on_status=False)
    return hubspot.HubSpot(access_token=token, host=sandbox.url, base_url=sandbox.url, retry=retry)


def send(sandbox: SandboxProcess, method: str, path: str, body: Any = None, token: str = TOKEN) -> Any:
    """One plain request; the `requests` response, for what the client hides: status, headers, raw body."""
    return requests.request(
        method, f"{sandbox.url}{path}", json=body, headers={"Authorization": f"Bearer {token}"}, timeout=10
    )
