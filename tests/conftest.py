"""Parts that the tests of several packages share: a running sandbox, a fresh ledger on each database."""

import os
from collections.abc import Iterator

import pytest

from tests.databases import *  # noqa: F403 - fixtures
from tests.sandbox_process import SandboxProcess


def pytest_xdist_auto_num_workers() -> int:
    """Two more than the cores: half of the time a test waits for a process that it has started, or for the disk."""
    return (os.cpu_count() or 1) + 2


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxProcess]:
    """The stand-in CRMs in a process of their own. Tests that use it begin with `reset()`."""
    with SandboxProcess() as running:
        yield running
