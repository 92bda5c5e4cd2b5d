"""Who wrote a value, as histories, record sources and webhooks name it."""

from dataclasses import dataclass

# The id of the app that the token belongs to: our own writes are known by it when they come back in a webhook.
APP_ID = 18221010


@dataclass(frozen=True, slots=True)
class Author:
    """`source` is HubSpot's sourceType (INTEGRATION, CRM_UI, FORM, CALCULATED); `user_id` is set where it is one."""

    source: str
    id: str
    user_id: int | None = None


THE_API = Author("INTEGRATION", str(APP_ID))
A_DIALER = Author("INTEGRATION", "dialer")
A_FORM = Author("FORM", "contact-us")
A_CALCULATION = Author("CALCULATED", "CalculatedPropertyComputer")
AN_IMPORT = Author("IMPORT", "import")
A_MERGE = Author("MERGE_CONTACTS", "merge")


def source(name: str) -> Author:
    """Whatever else writes into a portal, by HubSpot's name: SEQUENCES, WORKFLOWS, EMAIL, MEETINGS …"""
    return Author(name, name.lower())


def person(user_id: str) -> Author:
    """Somebody at the screen. ValueError for an id that is not a number."""
    return Author("CRM_UI", f"userId:{user_id}", int(user_id))
