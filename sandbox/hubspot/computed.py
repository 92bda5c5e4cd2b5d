"""What HubSpot works out by itself: at creation, when an owner is set, and when an activity is logged on a contact."""

from collections.abc import Mapping

from sandbox.hubspot import times
from sandbox.hubspot.authors import Author
from sandbox.hubspot.kinds import ACTIVITIES, CALL, CONTACT, EMAIL, LEAD, MEETING, NOTE, TASK, USER, Kind
from sandbox.hubspot.pipelines import LEADS

_ENGAGEMENTS = (*ACTIVITIES, NOTE, TASK)

# Their names in hs_sa_first_engagement_object_type.
_FIRST_ENGAGEMENT = {CALL: "CALL", EMAIL: "EMAIL", MEETING: "MEETING_EVENT"}


def at_creation(kind: Kind, record_id: str, values: Mapping[str, str], at: int, author: Author) -> dict[str, str]:
    """The values a new record has beside those it was created with."""
    when = times.written(at)
    common = {
        "hs_object_id": record_id,
        "hs_object_source": author.source,
        "hs_object_source_id": author.id,
        "hs_object_source_label": author.source,
        kind.created: when,
        kind.modified: when,
    }
    if author.user_id is not None:
        common["hs_created_by_user_id"] = str(author.user_id)
    if kind in _ENGAGEMENTS:
        common["hs_engagement_source"] = author.source
    if kind is LEAD:
        common |= {"hs_pipeline": LEADS.id, "hs_pipeline_stage": LEADS.stages[0].id}
    if kind is CONTACT:
        common |= _of_a_contact(record_id, values)
    return common


def after_an_owner_change(kind: Kind, owner: str, at: int) -> dict[str, str]:
    """What follows an assignment: its time, and for a contact that its (new) owner has not worked it yet."""
    if kind is USER:
        return {}
    assigned = {"hubspot_owner_assigneddate": times.written(at) if owner else ""}
    return {**assigned, "hs_is_unworked": "true"} if kind is CONTACT else assigned


def after_an_activity(kind: Kind, activity: Mapping[str, str], contact: Mapping[str, str]) -> dict[str, str]:
    """What a call, mail, meeting, message, note or task means for the contact it is logged on.

    The latest contact counts back-dated logs as well, the first outreach never moves later: both are why neither is
    proof of a response.
    """
    if kind not in _ENGAGEMENTS:
        return {}
    when = activity["hs_timestamp"]
    changed = {"num_notes": str(int(contact.get("num_notes", "0")) + 1)}
    if kind is not TASK:
        changed["notes_last_updated"] = max(when, contact.get("notes_last_updated", ""))
    if kind not in ACTIVITIES or activity.get("hs_email_direction") == "INCOMING_EMAIL":
        return changed
    changed["num_contacted_notes"] = str(int(contact.get("num_contacted_notes", "0")) + 1)
    changed["notes_last_contacted"] = max(when, contact.get("notes_last_contacted", ""))
    changed["hs_first_outreach_date"] = min(when, contact.get("hs_first_outreach_date", when))
    changed["hs_is_unworked"] = "false"
    if "hs_sa_first_engagement_date" not in contact:
        changed["hs_sa_first_engagement_date"] = when
        changed["hs_sa_first_engagement_object_type"] = _FIRST_ENGAGEMENT.get(kind, kind.shouted)
        changed["hs_first_engagement_object_id"] = activity["hs_object_id"]
    return changed


def _of_a_contact(record_id: str, values: Mapping[str, str]) -> dict[str, str]:
    email = values.get("email", "")
    name = " ".join(values[part] for part in ("firstname", "lastname") if values.get(part))
    computed = {
        "hs_all_contact_vids": record_id,
        "hs_full_name_or_email": name or email,
        "hs_is_contact": "true",
        "hs_is_unworked": "true",
        "hs_pipeline": "contacts-lifecycle-pipeline",
        "lifecyclestage": "lead",
        "num_notes": "0",
    }
    if email:
        computed["hs_email_domain"] = email.rpartition("@")[2]
    return {key: value for key, value in computed.items() if value}
