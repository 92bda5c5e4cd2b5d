"""What an org may be asked per day and at once: the limits resource, the header on every answer, and the refusals."""

from sandbox.salesforce.api import Answer, Call, Endpoints
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import KINDS

APP = "fairlead"
# What other limits an org of this edition has; nothing here uses them up.
_OTHERS = {
    "ConcurrentAsyncGetReportInstances": 200,
    "ConcurrentSyncReportRuns": 20,
    "DailyAsyncApexExecutions": 250_000,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyDeliveredPlatformEvents": 25_000,
    "DailyGenericStreamingApiEvents": 10_000,
    "DailyStandardVolumePlatformEvents": 25_000,
    "DailyStreamingApiEvents": 200_000,
    "DataStorageMB": 1024,
    "FileStorageMB": 1024,
    "HourlyPublishedPlatformEvents": 250_000,
    "MassEmail": 5000,
    "SingleEmail": 5000,
}


def add_to(endpoints: Endpoints) -> None:
    endpoints.add("limits", GET=_limits)
    endpoints.add("limits/recordCount", GET=_record_count)


def used(org: Org) -> int:
    """Calls of the last 24 hours, of this app and of others. Nothing ever leaves the window here."""
    return org.calls_used + org.settings.calls_of_others


def refusal(org: Org) -> Refused | None:
    """Why the org does not take this call; counts it where it does."""
    settings = org.settings
    if settings.daily_enforced and used(org) >= settings.daily_calls:
        return Refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
    if settings.busy_calls > 0:
        settings.busy_calls -= 1
        return Refused(
            "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", status=403
        )
    org.calls_used += 1
    return None


def limit_info(org: Org) -> str:
    """The value of Sforce-Limit-Info. The count is not exact: it was seen to go back by one."""
    settings = org.settings
    text = f"api-usage={used(org) + org.world.chance.randint(0, 1)}/{settings.daily_calls}"
    if settings.app_calls is None:
        return text
    return f"{text}; per-app-api-usage={org.calls_used}/{settings.app_calls}(appName={APP})"


def _limits(call: Call) -> Answer:
    most = call.org.settings.daily_calls
    calls = {"Max": most, "Remaining": max(0, most - used(call.org))}
    others = {name: {"Max": most, "Remaining": most} for name, most in _OTHERS.items()}
    return Answer(200, dict(sorted({"DailyApiRequests": calls, **others}.items())))


def _record_count(call: Call) -> Answer:
    """How many records of each object there are, about; of all objects where none is named."""
    named = [name for name in call.params.get("sObjects", "").split(",") if name]
    kinds = [name for name in named or KINDS if call.org.visible(name)]
    counts = {name: sum(not record.deleted for record in call.org.all(name)) for name in kinds}
    return Answer(200, {"sObjects": [{"count": count, "name": name} for name, count in counts.items()]})
