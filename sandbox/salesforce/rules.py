"""The org's validation rules: each is asked about every row that is written, whoever may see the fields in it."""

from datetime import datetime
from typing import Any

from sandbox.salesforce.errors import Refused
from sandbox.salesforce.formula import NO_VALUE, Change, Formula, compiled
from sandbox.salesforce.org import Org
from sandbox.salesforce.stamps import stamp
from sandbox.store import Record


def check(org: Org, kind: str, after: dict[str, Any], before: Record | None) -> None:
    """Refused (FIELD_CUSTOM_VALIDATION_EXCEPTION) by the first active rule that is true of the change."""
    dates = _dates(before, org.now)
    change = Change(org.full(kind), {**after, **dates}, {**before.fields, **dates} if before else None, org.now)
    for record in org.where("ValidationRule", "EntityDefinitionId", kind):
        rule = record.fields
        if rule["Active"] and not record.deleted and _is_true(org, record, change):
            at = [rule["ErrorDisplayField"]] if rule.get("ErrorDisplayField") else []
            raise Refused("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule["ErrorMessage"], at)


def _dates(before: Record | None, now: datetime) -> dict[str, str]:
    """The fields that the store keeps apart."""
    created, modified = (before.created, before.modified) if before else (now, now)
    return {"CreatedDate": stamp(created), "LastModifiedDate": stamp(modified), "SystemModstamp": stamp(modified)}


def _is_true(org: Org, rule: Record, change: Change) -> bool:
    """What cannot be computed, as five divided by nothing, refuses the row too; that text is ours."""
    try:
        return _formula(org, rule)(change) is True
    except NO_VALUE as wrong:
        text = f"The formula of {rule.fields['ValidationName']} has no value: {wrong}"
        raise Refused("FIELD_CUSTOM_VALIDATION_EXCEPTION", text, []) from wrong


def _formula(org: Org, rule: Record) -> Formula:
    known = org.formulas.get(rule.id)
    if known is None:
        kind = org.full(rule.fields["EntityDefinitionId"])
        known = org.formulas[rule.id] = compiled(rule.fields["Metadata"]["errorConditionFormula"], kind)
    return known
