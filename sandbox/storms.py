"""Named collections of faults: everything that happens to a CRM on a bad day, within a minute.

Each entry is a fault as POST /sandbox/faults takes it; seconds are real. POST /sandbox/faults/storm adds them all. A
storm blows over by itself, so that what it has put off can be done.
"""

from collections.abc import Mapping, Sequence
from typing import Any

SECONDS = 55
"""How long a storm lasts; the demo's leads arrive within that time."""

_ALL_ALONG = {"for_seconds": SECONDS}
_SALESFORCE_WRITES = {"crm": "salesforce", "method": "PATCH", "path": "/composite/sobjects", **_ALL_ALONG}
_HUBSPOT_WRITES = {"crm": "hubspot", "method": "POST", "path": "/batch/update", **_ALL_ALONG}

STORMS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "storm": (
        # Slow, and now and then very slow.
        {**_ALL_ALONG, "do": {"latency": {"lognormal": {"p50": 0.02, "p99": 0.5}}}},
        # Limits: a wall for some seconds, then again; and single refusals in between.
        {"crm": "salesforce", "after_seconds": 8, "for_seconds": 2, "do": {"status": 429}},
        {"crm": "hubspot", "after_seconds": 12, "for_seconds": 2, "do": {"status": 429, "retry_after": 1}},
        {"crm": "salesforce", "after_seconds": 30, "for_seconds": 2, "do": {"status": 503, "retry_after": 1}},
        {"crm": "hubspot", "after_seconds": 34, "for_seconds": 2, "do": {"status": 502}},
        {**_ALL_ALONG, "probability": 0.02, "do": {"status": 429, "retry_after": 1}},
        # Writes that are done when nobody expects them, after a read has looked for them in vain.
        {**_SALESFORCE_WRITES, "every": 6, "do": {"apply_late": 3, "status": 504}},
        {**_HUBSPOT_WRITES, "every": 6, "do": {"apply_late": 3, "status": 504}},
        # Writes that are done and whose answer never comes, that are done twice, or whose answer comes broken.
        {**_SALESFORCE_WRITES, "every": 7, "do": {"drop_after_write": True}},
        {**_HUBSPOT_WRITES, "every": 7, "do": {"drop_after_write": True}},
        {**_SALESFORCE_WRITES, "every": 8, "do": {"answer_twice": True}},
        {**_HUBSPOT_WRITES, "every": 8, "do": {"answer_twice": True}},
        {**_SALESFORCE_WRITES, "every": 9, "do": {"cut_after": 20}},
        {**_HUBSPOT_WRITES, "every": 9, "do": {"truncated_json": True}},
        # Writes that come to nothing, whatever the answer looks like.
        {**_SALESFORCE_WRITES, "every": 11, "do": {"drop_before": True}},
        {**_HUBSPOT_WRITES, "every": 11, "do": {"drop_before": True}},
        {**_SALESFORCE_WRITES, "every": 13, "do": {"error_inside": True}},
        {**_HUBSPOT_WRITES, "every": 13, "do": {"error_inside": True}},
        # Answers that are no answers: to queries of the one, and to searches and reads of the other.
        {**_ALL_ALONG, "method": "GET", "probability": 0.02, "do": {"html": 200}},
        {**_ALL_ALONG, "method": "GET", "probability": 0.02, "do": {"error_inside": True}},
        {**_ALL_ALONG, "path": "/search", "probability": 0.02, "do": {"html": 200}},
        {**_ALL_ALONG, "path": "/search", "probability": 0.02, "do": {"error_inside": True}},
        {**_ALL_ALONG, "path": "/batch/read", "probability": 0.02, "do": {"error_inside": True}},
        # Answers that tell another time, or none.
        {**_ALL_ALONG, "probability": 0.02, "do": {"date": "missing"}},
        {**_ALL_ALONG, "probability": 0.02, "do": {"date": "yesterday"}},
        {**_ALL_ALONG, "probability": 0.02, "do": {"clock_skew": -2}},
    ),
}
