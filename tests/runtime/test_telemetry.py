"""Logs: JSON, with ids, never with addresses."""

import json
import subprocess
import sys

SAYING = """
import logging, structlog
from runtime import telemetry
telemetry.configure("worker")
{}
"""


def logged(words: str) -> dict[str, object]:
    """The one line that a process logs which says these words."""
    ran = subprocess.run([sys.executable, "-c", SAYING.format(words)], capture_output=True, text=True, check=True)
    (line,) = ran.stderr.splitlines()
    return dict(json.loads(line))


def test_what_a_job_says_is_one_line_of_json_with_its_ids() -> None:
    line = logged('structlog.get_logger("fairlead").info("decided", lead="salesforce:00Q1", decision="f-1-0")')
    assert {key: line[key] for key in ("event", "process", "lead", "level")} == {
        "event": "decided",
        "process": "worker",
        "lead": "salesforce:00Q1",
        "level": "info",
    }


def test_what_a_library_says_goes_the_same_way() -> None:
    assert logged('logging.getLogger("celery.worker").warning("lost %s", "it")')["event"] == "lost it"


def test_addresses_of_people_are_masked_wherever_they_stand() -> None:
    line = logged('structlog.get_logger().info("told ana@acme.example", detail={"to": ["ben@acme.example"]})')
    assert (line["event"], line["detail"]) == ("told (address)", {"to": ["(address)"]})


def test_the_password_of_a_url_is_masked() -> None:
    line = logged('logging.getLogger("celery").info("Connected to redis://:hunter2@queue.example:6379/0")')
    assert line["event"] == "Connected to redis://(secret)@queue.example:6379/0"


def test_an_exception_keeps_to_its_line() -> None:
    line = logged('logging.getLogger("x").error("failed", exc_info=ValueError("of ana@acme.example"))')
    assert str(line["exception"]).strip() == "ValueError: of (address)"
