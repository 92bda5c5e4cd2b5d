"""The account itself: what it is, what it has bought, and how much of its day's calls are used."""

from collections.abc import Mapping

from sandbox.hubspot import times
from sandbox.hubspot.exchange import Answer, Call, Json
from sandbox.hubspot.kinds import LEAD, kind_called
from sandbox.hubspot.limits import Limits
from sandbox.hubspot.portal import PORTAL_ID
from sandbox.hubspot.scopes import no_sales_hub

TIME_ZONE = "US/Eastern"

_DETAILS = {
    "portalId": PORTAL_ID,
    "accountType": "STANDARD",
    "timeZone": TIME_ZONE,
    "companyCurrency": "USD",
    "additionalCurrencies": [],
    "utcOffset": "-04:00",
    "utcOffsetMilliseconds": -14400000,
    "uiDomain": "app.hubspot.com",
    "dataHostingLocation": "na1",
}


class Account:
    """`has_sales_hub`: whether there are leads at all."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.reset()

    def reset(self) -> None:
        self.has_sales_hub = True

    def set(self, asked: Json) -> Json:
        """The control API's {"sales_hub"}."""
        self.has_sales_hub = bool(asked.get("sales_hub", self.has_sales_hub))
        return {"sales_hub": self.has_sales_hub}

    def refuse_unbought(self, words: Mapping[str, str]) -> None:
        """Refusal 403 for leads without Sales Hub."""
        asked = [words[word] for word in ("kind", "from", "to") if word in words]
        if not self.has_sales_hub and any(kind_called(word) is LEAD for word in asked):
            raise no_sales_hub(PORTAL_ID)

    def details(self, _: Call) -> Answer:
        """GET /account-info/v3/details"""
        return Answer(200, _DETAILS)

    def usage(self, _: Call) -> Answer:
        """GET /account-info/v3/api-usage/daily/private-apps"""
        row = {
            "name": "private-apps-api-calls-daily",
            "usageLimit": self._limits.per_day,
            "currentUsage": self._limits.used_today,
            "fetchStatus": "SUCCESS",
            "resetsAt": times.written(times.in_ms(self._limits.day_ends)),
        }
        return Answer(200, {"results": [row]})
