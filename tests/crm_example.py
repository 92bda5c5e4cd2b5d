"""What a stand-in CRM says of itself: how to sign in, what its fields are called, where faults hit what.

Tests of every CRM ask here, so that a new CRM brings its own answers and needs no test changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import requests

from connectors.base import Credentials
from connectors.registry import CRMS


@dataclass(frozen=True, slots=True)
class CrmExample:
    """As `sandbox.world.Example`, which is its other side."""

    url: str
    environment: Mapping[str, str]
    object: str
    unowned: Sequence[str]
    fields: Mapping[str, str]
    disqualified: str
    company: Mapping[str, str]
    owner: str
    decision: str
    writes: Mapping[str, str]
    reads: Mapping[str, str]
    creates_tasks: Mapping[str, str]
    looks_for_tasks: Mapping[str, str]
    calls_to_look: int

    def native(self, row: Mapping[str, object]) -> dict[str, object]:
        """A lead's fields, given in canonical words, as this CRM calls them; without those that it does not have."""
        return {self.fields[name]: value for name, value in row.items() if name in self.fields}


@cache
def example(sandbox_url: str, crm: str) -> CrmExample:
    """What the sandbox at this address says of this CRM."""
    answer = requests.get(f"{sandbox_url}/sandbox/{crm}/example", timeout=30)
    answer.raise_for_status()
    return CrmExample(**answer.json())


def credentials(crm: str, sandbox_url: str, at: str = "") -> Credentials:
    """What signs in to the sandbox; `at` another address where nobody may listen."""
    environment = example(sandbox_url, crm).environment
    way = CRMS[crm].signs_in_with.ways[0]
    extra = {key: environment[name] for key, name in way.extra.items()}
    return Credentials(at or sandbox_url, environment[way.secret], extra, way.name)
