"""How a lead ends, and comes back: conversion, merge, and the recycle bin. Only people do these here.

One transaction stamps everything it touches with one time.
"""

from collections.abc import Sequence
from datetime import datetime

from sandbox.salesforce.ids import read_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import KINDS
from sandbox.store import Record

MOST_MERGED = 3
"""records in one merge, the one that stays included"""
_CARRIED_OVER = ("FirstName", "LastName", "Name", "Email", "Phone", "Title")
_ACTIVITIES = ("Task", "Event")


def convert(org: Org, lead: Record) -> None:
    """An account and a contact are made of the lead, and an opportunity where the org has them.

    The lead's calls and meetings are the contact's from then on, and nobody can change the lead any more.
    ValueError where that has happened before.
    """
    if lead.fields.get("IsConverted"):
        raise ValueError(f"{lead.id} has been converted already")
    at = org.now
    owner = lead.fields["OwnerId"] if lead.fields["OwnerId"].startswith("005") else org.integration_user
    company = lead.fields["Company"]
    account = org.add("Account", {"Name": company, "OwnerId": owner}, at)
    carried = {name: lead.fields.get(name) for name in _CARRIED_OVER}
    contact = org.add("Contact", {**carried, "AccountId": account.id, "OwnerId": owner}, at)
    made = {"ConvertedAccountId": account.id, "ConvertedContactId": contact.id}
    if "Opportunity" in KINDS:
        deal = {"Name": f"{company}-", "StageName": "Prospecting", "CloseDate": at.date().isoformat()}
        opportunity = org.add("Opportunity", {**deal, "AccountId": account.id, "OwnerId": owner}, at)
        made["ConvertedOpportunityId"] = opportunity.id
    _move_activities(org, lead.id, contact.id, at)
    converted = {"IsConverted": True, "Status": "Closed - Converted", "ConvertedDate": at.date().isoformat()}
    org.change(lead, {**converted, **made}, "person", owner, at=at)


def merge(org: Org, master: Record, losers: Sequence[Record]) -> None:
    """The losers go to the recycle bin with the master's id on them, and what was done about them is the master's.

    ValueError for too many records, for a lead twice, and for one that was converted or deleted.
    """
    if not 1 <= len(losers) < MOST_MERGED or len({master.id, *(loser.id for loser in losers)}) <= len(losers):
        raise ValueError(f"a merge takes two or {MOST_MERGED} different leads")
    for lead in (master, *losers):
        if lead.deleted or lead.fields.get("IsConverted"):
            raise ValueError(f"{lead.id} is deleted or converted and cannot be merged")
    at, user = org.now, org.integration_user
    for loser in losers:
        _move_activities(org, loser.id, master.id, at)
        org.change(loser, {"MasterRecordId": master.id}, "person", user, deleted=True, at=at)
    org.change(master, {}, "person", user, at=at)


def undelete(org: Org, id: str) -> None:
    """Out of the recycle bin. LookupError where it is not in there."""
    record = org.find(read_id(id))
    if record is None or not record.deleted:
        raise LookupError(f"there is no {id} in the recycle bin of this Salesforce")
    merged = {"MasterRecordId": None} if record.kind == "Lead" else {}
    org.change(record, merged, "person", org.integration_user, deleted=False)


def _move_activities(org: Org, before: str, after: str, at: datetime) -> None:
    for kind in _ACTIVITIES:
        for activity in org.where(kind, "WhoId", before):
            org.change(activity, {"WhoId": after}, "person", org.integration_user, at=at)
