"""A real Redis for the commands that ask the queue."""

from tests.runtime.conftest import *  # noqa: F403 - fixtures
