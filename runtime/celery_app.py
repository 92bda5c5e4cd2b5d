"""Celery as it is used here: wake-ups without data, on Redis, in a hot and a bulk lane.

No results, no retries, no ETAs: waiting is a column in the ledger. On Redis, a task whose ETA or run lies beyond the
visibility time-out is delivered, and run, again. So: time limits < lease of what a task works on < visibility time-out.
"""

from typing import Any
from urllib.parse import urlsplit

from celery import Celery
from kombu.entity import Queue
from kombu.exceptions import OperationalError

from runtime.pacing import LEASE_SECONDS

HOT, BULK = "hot", "bulk"
VISIBILITY_SECONDS = 300

TASKS_OF_A_PROCESS = 200
"""After so many tasks, some minutes of a quiet day, a new process takes the place of one that has worked."""

NAMES = "fairlead."
"""What the name of every task begins with."""

CONFIGURATION: dict[str, Any] = {
    "task_queues": [Queue(HOT), Queue(BULK)],  # type: ignore[no-untyped-call]
    "task_default_queue": BULK,
    "task_create_missing_queues": False,
    # Only JSON is taken from the broker: a pickle would run whatever it contains.
    "accept_content": ["json"],
    "task_serializer": "json",
    "enable_utc": True,
    "timezone": "UTC",
    "task_ignore_result": True,
    "result_backend": None,
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    # What a process has once needed, the allocator keeps in pieces: a new one begins without. It signs in with the
    # session of the others, and is there within a second.
    "worker_max_tasks_per_child": TASKS_OF_A_PROCESS,
    "task_soft_time_limit": LEASE_SECONDS - 20,
    "task_time_limit": LEASE_SECONDS - 10,
    # A worker that loses the broker stops and comes back; the ledger knows what was under way.
    "worker_cancel_long_running_tasks_on_connection_loss": True,
    "broker_connection_retry": True,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "broker_connection_timeout": 4,
    "task_publish_retry": False,
    "worker_soft_shutdown_timeout": 10.0,
    "worker_enable_soft_shutdown_on_idle": False,
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
    "worker_enable_remote_control": False,
    "worker_send_task_events": False,
    "beat_max_loop_interval": 1.0,
    "broker_transport_options": {
        "visibility_timeout": VISIBILITY_SECONDS,
        # Without these two, what a killed worker had taken comes back 100 s after the visibility time-out, not 5 s.
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "queue_order_strategy": "priority",
        "global_keyprefix": "fairlead:",
        "socket_timeout": 30,
        "socket_connect_timeout": 4,
        "health_check_interval": 25,
    },
}

BROKER_IS_AWAY = (OperationalError, ConnectionError, TimeoutError)
"""What sending raises when the broker cannot be reached."""


def application(redis_url: str) -> Celery:
    """A Celery application on this Redis. It holds no tasks: those are in `runtime.tasks`, and whoever only sends a
    wake-up names them."""
    app = Celery("fairlead", set_as_current=False)
    app.conf.update(CONFIGURATION)
    app.conf.broker_url = broker_url(redis_url)
    return app


def broker_url(redis_url: str) -> str:
    """Celery's spelling of a Redis URL: a unix socket is `redis+socket://` there, and `unix://` everywhere else."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    return f"redis+socket://{parts.path}" + (f"?{parts.query.replace('db=', 'virtual_host=')}" if parts.query else "")
