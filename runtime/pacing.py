"""How long leases last and how long to wait before trying again, in real seconds."""

import random

LEASE_SECONDS = 120.0
"""Longer than all calls of one task with their time-outs, shorter than the queue's visibility time-out (300 s)."""

LONGEST_PAUSE = 300.0


def pause(attempts: int, asked_for: float | None = None) -> float:
    """Seconds before the next attempt: what the CRM asked for (a second at least), else doubling from one second.
    With jitter, so that workers that were refused together do not come back together."""
    base = max(1.0, asked_for) if asked_for is not None else min(LONGEST_PAUSE, 2.0 ** min(attempts, 9))
    return base * random.uniform(1.0, 1.25)  # noqa: S311 - jitter, not a secret
