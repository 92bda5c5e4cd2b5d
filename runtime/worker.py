"""python -m runtime.worker: runs the jobs.

Processes, not threads: a time limit can end a process that hangs in a call, and must, because after its lease another
worker takes the same work up. A thread cannot be ended.
"""

import os
import sys

import structlog
from celery.signals import worker_ready

from runtime.celery_app import BULK, HOT
from runtime.process import redis_url, run
from runtime.settings import Settings
from runtime.tasks import serve

READY = "worker ready"

GIVES_WAY = 5
"""How much nicer than web this process is to the others on its machine. A CRM waits for each answer of web's, and puts
off its deliveries when they come late; for work that takes a second, nobody waits so closely."""


def main(settings: Settings) -> None:
    """Work until SIGTERM, then finish what is in hand."""
    os.nice(GIVES_WAY)
    # Celery announces a shutdown there; our standard output is for notifications.
    sys.__stdout__ = sys.__stderr__  # type: ignore[misc]
    app = serve(settings, redis_url(settings))
    worker_ready.connect(lambda **_: structlog.get_logger("fairlead").info(READY), weak=False)
    # Mingle, gossip and heartbeats are for workers that talk to each other; ours share the ledger.
    app.Worker(
        queues=[HOT, BULK],
        pool="prefork",
        concurrency=settings.workers,
        quiet=True,
        without_mingle=True,
        without_gossip=True,
        without_heartbeat=True,
        loglevel=settings.log_level,
    ).start()


if __name__ == "__main__":
    sys.exit(run("worker", main))
