"""Parts that the tests of several packages share: a running sandbox, a fresh ledger on each database."""

from collections.abc import Iterator

import pytest

from tests.databases import *  # noqa: F403 - fixtures
from tests.sandbox_process import SandboxProcess


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxProcess]:
    """The stand-in CRMs in a process of their own. Tests that use it begin with `reset()`."""
    with SandboxProcess() as running:
        yield running
