"""A real Redis for the tests of the runtime: the embedded one."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest
from redis import Redis

from runtime.valkey import answers, embedded
from tests.runtime.waiting import until


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server that lives as long as the tests."""
    server = embedded(tmp_path_factory.mktemp("var"))
    process = subprocess.Popen(server.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert until(lambda: answers(server.url))
        yield server.url
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(server.folder)


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The URL of an empty server."""
    with Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server
