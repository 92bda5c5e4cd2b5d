"""The org's duplicate rule: no two leads with one e-mail address, unless who writes insists."""

from typing import Any

from sandbox.salesforce.errors import Refused
from sandbox.salesforce.org import Org
from sandbox.store import Record

TEXT = "Use one of these records?"
RULE = "Standard_Lead_Duplicate_Rule"


def check(org: Org, kind: str, after: dict[str, Any], before: Record | None, insists: bool) -> None:
    """Refused (DUPLICATES_DETECTED, with what was found) where a new or changed address is another lead's already."""
    email = str(after.get("Email") or "").lower()
    if kind != "Lead" or not org.settings.duplicate_rule or insists or not email:
        return
    if before and str(before.fields.get("Email") or "").lower() == email:
        return
    # Addresses match whatever their case, so the store's index cannot help; the rule is off unless a test wants it.
    same = [
        other
        for other in org.all("Lead")
        if not other.deleted
        and str(other.fields.get("Email") or "").lower() == email
        and not (before and other.id == before.id)
        and not other.fields.get("IsConverted")
    ]
    if same:
        raise Refused("DUPLICATES_DETECTED", TEXT, [], more={"duplicateResult": _found(same)})


def _found(same: list[Record]) -> dict[str, Any]:
    records = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {"attributes": {"type": "Lead", "url": f"/services/data/v59.0/sobjects/Lead/{r.id}"}, "Id": r.id},
        }
        for r in same
    ]
    match = {
        "entityType": "Lead",
        "errors": [],
        "matchEngine": "ExactMatchEngine",
        "matchRecords": records,
        "rule": "Standard_Lead_Match_Rule_v1_0",
        "size": len(records),
        "success": True,
    }
    return {
        "allowSave": True,
        "duplicateRule": RULE,
        "duplicateRuleEntityType": "Lead",
        "errorMessage": TEXT,
        "matchResults": [match],
    }
