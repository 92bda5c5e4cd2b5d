"""python -m runtime.beat: wakes every job in its time. One per installation, in a process of its own.

It keeps no file: every interval is short, and on a start everything is woken once. Being the one process of its kind,
it is also where a new configuration is brought into force in installations without `fairlead up`.
"""

import signal
import sys

import structlog
from celery.beat import Scheduler, Service

from runtime.clocks import machine_now
from runtime.process import redis_url, run
from runtime.schedule import schedule
from runtime.settings import Settings
from runtime.tasks import serve
from runtime.wiring import open_process

READY = "beat ready"


def main(settings: Settings) -> None:
    """Send wake-ups until SIGTERM."""
    process = open_process(settings, activate=True)
    crms = process.services.playbook().crms
    app = serve(settings, redis_url(settings))
    app.conf.beat_schedule = schedule(crms, settings.beat_seconds, machine_now())
    process.close()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    structlog.get_logger("fairlead").info(READY, ticks=len(app.conf.beat_schedule))
    Service(app, scheduler_cls=Scheduler).start()


if __name__ == "__main__":
    sys.exit(run("beat", main))
