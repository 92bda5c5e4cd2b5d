"""What a stand-in CRM says of itself: how to sign in, what its fields are called, where faults hit what.

Tests of every CRM ask here, so that a new CRM brings its own answers and needs no test changed.
"""

from collections.abc import Mapping
from importlib import import_module

from connectors.base import Credentials
from connectors.registry import CRMS
from sandbox.world import Example
from tests.sandbox_process import SandboxProcess

IN_2027 = "hubspot in 2027"
"""HubSpot without the paths that end in that year."""


def end_old_paths(sandbox: SandboxProcess) -> None:
    """From now on, until it is reset, the stand-in HubSpot has its dated paths only."""
    sandbox.control("PUT", "/hubspot/paths", {"classic": False})


def example(crm: str) -> Example:
    """How the stand-in of this CRM is used."""
    about: Example = import_module(f"sandbox.{crm}.example").EXAMPLE
    return about


def native(about: Example, row: Mapping[str, object]) -> dict[str, object]:
    """A lead's fields, given in canonical words, as this CRM calls them; without those that it does not have."""
    return {about.fields[name]: value for name, value in row.items() if name in about.fields}


def credentials(crm: str, url: str) -> Credentials:
    """What signs in to the stand-in at this address."""
    environment = example(crm).environment
    way = next(way for way in CRMS[crm].signs_in_with.ways if {way.secret, *way.extra.values()} <= environment.keys())
    extra = {key: environment[name] for key, name in way.extra.items()}
    return Credentials(url, environment[way.secret], extra, way.name)
