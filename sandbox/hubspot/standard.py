"""The properties every portal brings, as far as a lead router reads, writes or could trip over them.

A table per object type; names, types and read-only flags follow recorded definitions. The list is not HubSpot's whole
set (a contact alone has some 370): a property that is missing here answers `does not exist` on a write.
"""

from sandbox.hubspot.definitions import Definition, Option
from sandbox.hubspot.kinds import (
    CALL,
    COMMUNICATION,
    COMPANY,
    CONTACT,
    DEAL,
    EMAIL,
    KINDS,
    LEAD,
    MEETING,
    NOTE,
    TASK,
    USER,
    Kind,
)


def _options(*values: str) -> tuple[Option, ...]:
    labels = (value.replace("_", " ").capitalize() if value.isupper() else value for value in values)
    return tuple(Option(label, value, order) for order, (label, value) in enumerate(zip(labels, values, strict=True)))


def _text(name: str, label: str, field_type: str = "text") -> Definition:
    return Definition(name, label, field_type=field_type, by_hubspot=True)


def _number(name: str, label: str) -> Definition:
    return Definition(name, label, "number", "number", by_hubspot=True)


def _moment(name: str, label: str) -> Definition:
    return Definition(name, label, "datetime", "date", by_hubspot=True)


def _choice(name: str, label: str, *values: str) -> Definition:
    return Definition(name, label, "enumeration", "select", options=_options(*values), by_hubspot=True)


def _open_choice(name: str, label: str) -> Definition:
    """An enumeration whose options are not in the definition."""
    return Definition(name, label, "enumeration", "select", external=True, by_hubspot=True)


def _flag(name: str, label: str) -> Definition:
    yes_or_no = (Option("True", "true", 0), Option("False", "false", 1))
    return Definition(name, label, "bool", "booleancheckbox", options=yes_or_no, by_hubspot=True)


def _set_by_hubspot(*definitions: Definition) -> tuple[Definition, ...]:
    """The same definitions, refusing writes: READ_ONLY_VALUE."""
    return tuple(
        Definition(d.name, d.label, d.type, d.field_type, options=d.options, external=d.external, read_only=True,
                   by_hubspot=True)
        for d in definitions
    )  # fmt: skip


_OWNER = _open_choice("hubspot_owner_id", "Owner")

_EVERYWHERE = _set_by_hubspot(
    _number("hs_object_id", "Record ID"),
    _text("hs_object_source", "Record creation source"),
    _text("hs_object_source_id", "Record creation source ID"),
    _text("hs_object_source_label", "Record source"),
    _text("hs_object_source_detail_1", "Record source detail 1"),
    _text("hs_object_source_detail_2", "Record source detail 2"),
    _text("hs_object_source_detail_3", "Record source detail 3"),
    _text("hs_object_source_user_id", "Record creation source user ID"),
    _number("hs_created_by_user_id", "Created by user ID"),
    _number("hs_updated_by_user_id", "Updated by user ID"),
)
# Every object's but the contact's, which has `lastmodifieddate` alone.
_MODIFIED = _set_by_hubspot(_moment("hs_lastmodifieddate", "Last modified date"))

_OWNED = (
    _OWNER,
    *_set_by_hubspot(
        _moment("hubspot_owner_assigneddate", "Owner assigned date"), _open_choice("hubspot_team_id", "HubSpot team")
    ),
)

_LIFECYCLE = ("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer",
              "evangelist", "other")  # fmt: skip
_TRAFFIC = ("ORGANIC_SEARCH", "PAID_SEARCH", "EMAIL_MARKETING", "SOCIAL_MEDIA", "REFERRALS", "OTHER_CAMPAIGNS",
            "DIRECT_TRAFFIC", "OFFLINE", "PAID_SOCIAL", "AI_REFERRALS")  # fmt: skip

_CONTACT = (
    Definition("email", "Email", unique=True, by_hubspot=True),
    _text("firstname", "First name"),
    _text("lastname", "Last name"),
    _text("jobtitle", "Job title"),
    _text("company", "Company name"),
    _text("website", "Website URL"),
    _text("phone", "Phone number", "phonenumber"),
    _text("mobilephone", "Mobile phone number", "phonenumber"),
    _text("address", "Street address"),
    _text("city", "City"),
    _text("zip", "Postal code"),
    _text("state", "State/Region"),
    _text("country", "Country/Region"),
    _text("industry", "Industry"),
    _choice("numemployees", "Number of employees", "1-5", "5-25", "25-50", "50-100", "100-500", "500-1000", "1000+"),
    _number("numberofemployees", "Employee count"),
    _text("annualrevenue", "Annual revenue"),
    _text("message", "Message", "textarea"),
    _text("salutation", "Salutation"),
    _text("hs_language", "Preferred language"),
    _text("hs_country_region_code", "Country/Region code"),
    _choice("hs_lead_status", "Lead status", "NEW", "OPEN", "IN_PROGRESS", "OPEN_DEAL", "UNQUALIFIED",
            "ATTEMPTED_TO_CONTACT", "CONNECTED", "BAD_TIMING"),
    _choice("lifecyclestage", "Lifecycle stage", *_LIFECYCLE),
    _open_choice("associatedcompanyid", "Primary associated company ID"),
    *_set_by_hubspot(
        _moment("createdate", "Create date"),
        _moment("lastmodifieddate", "Last modified date"),
        _choice("hs_analytics_source", "Original source", *_TRAFFIC),
        _text("hs_analytics_source_data_1", "Original source drill-down 1"),
        _text("hs_analytics_source_data_2", "Original source drill-down 2"),
        _choice("hs_latest_source", "Latest source", *_TRAFFIC),
        _moment("hs_latest_source_timestamp", "Latest source date"),
        _text("hs_all_contact_vids", "All vids for a contact"),
        _text("hs_email_domain", "Email domain"),
        _text("hs_full_name_or_email", "Full name or email"),
        _flag("hs_is_contact", "Is a contact"),
        _flag("hs_is_unworked", "Contact unworked"),
        _text("hs_pipeline", "Pipeline"),
        _number("num_notes", "Number of sales activities"),
        _number("num_contacted_notes", "Number of times contacted"),
        _moment("notes_last_contacted", "Last contacted"),
        _moment("notes_last_updated", "Last activity date"),
        _moment("hs_last_sales_activity_timestamp", "Last engagement date"),
        _moment("hs_first_outreach_date", "First outreach date"),
        _moment("hs_sa_first_engagement_date", "Date of first engagement"),
        _text("hs_sa_first_engagement_object_type", "Type of first engagement"),
        _number("hs_first_engagement_object_id", "ID of first engagement"),
        _number("hs_time_to_first_engagement", "Lead response time"),
        _moment("recent_conversion_date", "Recent conversion date"),
        _text("recent_conversion_event_name", "Recent conversion"),
        _moment("first_conversion_date", "First conversion date"),
        _text("first_conversion_event_name", "First conversion"),
        _number("num_conversion_events", "Number of form submissions"),
        _flag("hs_sequences_is_enrolled", "Currently in sequence"),
        _text("hs_merged_object_ids", "Merged record IDs"),
    ),
)  # fmt: skip

_COMPANY = (
    _text("name", "Company name"),
    _text("domain", "Company domain name"),
    _text("website", "Website URL"),
    _text("phone", "Phone number", "phonenumber"),
    _text("address", "Street address"),
    _text("city", "City"),
    _text("zip", "Postal code"),
    _text("state", "State/Region"),
    _text("country", "Country/Region"),
    _open_choice("industry", "Industry"),
    _text("description", "Description", "textarea"),
    _number("numberofemployees", "Number of employees"),
    _number("annualrevenue", "Annual revenue"),
    _choice("type", "Type", "PROSPECT", "PARTNER", "RESELLER", "VENDOR", "OTHER"),
    _choice("lifecyclestage", "Lifecycle stage", *_LIFECYCLE),
    _open_choice("hs_parent_company_id", "Parent company"),
    _choice("hs_ideal_customer_profile", "Ideal customer profile tier", "tier_1", "tier_2", "tier_3"),
    _choice("hs_target_account", "Target account", "tier_1", "tier_2", "tier_3"),
    *_set_by_hubspot(_moment("createdate", "Create date"), _text("hs_merged_object_ids", "Merged company IDs")),
)

_ENGAGEMENT = (
    _moment("hs_timestamp", "Activity date"),
    _text("hs_unique_id", "Unique ID"),
    _text("hs_activity_type", "Activity type"),
    *_set_by_hubspot(
        _moment("hs_createdate", "Create date"),
        _text("hs_engagement_source", "Engagement source"),
        _text("hs_engagement_source_id", "Engagement source ID"),
    ),
)

_CALL = (
    _text("hs_call_title", "Call title"),
    _text("hs_call_body", "Call notes", "html"),
    _choice("hs_call_direction", "Call direction", "INBOUND", "OUTBOUND"),
    _number("hs_call_duration", "Call duration"),
    _choice("hs_call_status", "Call status", "BUSY", "CALLING_CRM_USER", "CANCELED", "COMPLETED", "CONNECTING",
            "FAILED", "HOLD", "IN_PROGRESS", "MISSED", "NO_ANSWER", "QUEUED", "RINGING"),
    Definition("hs_call_disposition", "Call outcome", "enumeration", "select", by_hubspot=True, options=(
        Option("Busy", "9d9162e7-6cf3-4944-bf63-4dff82258764", 0),
        Option("Connected", "f240bbac-87c9-4f6e-bf70-924b57d47db7", 1),
        Option("Left live message", "a4c4c377-d246-4b32-a13b-75a56a4cd0ff", 2),
        Option("Left voicemail", "b2cf5968-551e-4856-9783-52b3da59a7d0", 3),
        Option("No answer", "73a0d17f-1163-4015-bdd5-ec830791da20", 4),
        Option("Wrong number", "17b47fee-58de-441e-a44c-c6300d46f273", 5),
    )),
    _text("hs_call_source", "Call source"),
    _text("hs_call_from_number", "From number"),
    _text("hs_call_to_number", "To number"),
    _flag("hs_call_has_voicemail", "Has voicemail"),
)  # fmt: skip

_EMAIL = (
    _choice("hs_email_direction", "Email direction", "EMAIL", "INCOMING_EMAIL", "FORWARDED_EMAIL"),
    _choice("hs_email_status", "Email send status", "BOUNCED", "FAILED", "SCHEDULED", "SENDING", "SENT"),
    _text("hs_email_subject", "Email subject"),
    _text("hs_email_text", "Email body", "textarea"),
    _text("hs_email_html", "Email HTML", "html"),
    _text("hs_email_headers", "Email headers", "textarea"),
    _text("hs_email_thread_id", "Thread ID"),
    _text("hs_email_message_id", "Message ID"),
    _text("hs_email_logged_from", "Logged from"),
    _text("hs_email_sent_via", "Sent via"),
    _text("hs_sequence_id", "Sequence ID"),
    _text("hs_template_id", "Template ID"),
    _flag("hs_incoming_email_is_out_of_office", "Is out of office"),
    *_set_by_hubspot(_text("hs_email_from_email", "From"), _text("hs_email_to_email", "To")),
)

_MEETING = (
    _text("hs_meeting_title", "Meeting name"),
    _text("hs_meeting_body", "Meeting description", "html"),
    _moment("hs_meeting_start_time", "Meeting start time"),
    _moment("hs_meeting_end_time", "Meeting end time"),
    _choice("hs_meeting_outcome", "Meeting outcome", "SCHEDULED", "COMPLETED", "RESCHEDULED", "NO_SHOW", "CANCELED"),
    _text("hs_meeting_source", "Meeting source"),
)

_COMMUNICATION = (
    _choice("hs_communication_channel_type", "Channel type", "WHATS_APP", "LINKEDIN_MESSAGE", "SMS",
            "CUSTOM_CHANNEL_CONVERSATION"),
    _text("hs_communication_logged_from", "Logged from"),
    _text("hs_communication_body", "Body", "html"),
)  # fmt: skip

_TASK = (
    _text("hs_task_subject", "Task title"),
    _text("hs_task_body", "Task notes", "html"),
    _choice("hs_task_status", "Task status", "NOT_STARTED", "IN_PROGRESS", "WAITING", "DEFERRED", "COMPLETED"),
    _choice("hs_task_type", "Task type", "EMAIL", "CALL", "TODO", "LINKED_IN", "LINKED_IN_CONNECT",
            "LINKED_IN_MESSAGE", "MEETING"),
    _choice("hs_task_priority", "Priority", "NONE", "LOW", "MEDIUM", "HIGH"),
    _text("hs_task_reminders", "Reminders"),
    *_set_by_hubspot(
        _moment("hs_task_completion_date", "Completed at"),
        _flag("hs_task_is_completed_sequence", "Is completed sequence task"),
        _text("hs_task_sequence_step_enrollment_id", "Sequence step enrollment"),
    ),
)  # fmt: skip

_USER = (
    _text("hs_job_title", "Job title"),
    _text("hs_standard_time_zone", "Time zone"),
    _text("hs_working_hours", "Working hours"),
    _text("hs_out_of_office_hours", "Out of office hours"),
    _choice("hs_availability_status", "Availability", "available", "away"),
    *_set_by_hubspot(
        _moment("hs_createdate", "Create date"),
        _text("hs_email", "Email"),
        _text("hs_given_name", "First name"),
        _text("hs_family_name", "Last name"),
        _number("hs_internal_user_id", "User ID"),
        _flag("hs_deactivated", "Deactivated"),
        _OWNER,
    ),
)

_LEAD = (
    _text("hs_lead_name", "Lead name"),
    _choice("hs_lead_type", "Lead type", "NEW BUSINESS", "RE-ATTEMPTING", "UPSELL"),
    _choice("hs_lead_label", "Lead label", "COLD", "WARM", "HOT"),
    _open_choice("hs_pipeline", "Pipeline"),
    _open_choice("hs_pipeline_stage", "Pipeline stage"),
    *_set_by_hubspot(_moment("hs_createdate", "Create date")),
)

_DEAL = (
    _text("dealname", "Deal name"),
    _number("amount", "Amount"),
    _open_choice("pipeline", "Pipeline"),
    _open_choice("dealstage", "Deal stage"),
    _moment("closedate", "Close date"),
    *_set_by_hubspot(_moment("createdate", "Create date"), _flag("hs_is_closed", "Is deal closed?")),
)

_BY_KIND: dict[Kind, tuple[Definition, ...]] = {
    CONTACT: (*_CONTACT, *_OWNED),
    COMPANY: (*_COMPANY, *_OWNED),
    DEAL: (*_DEAL, *_OWNED),
    CALL: (*_ENGAGEMENT, *_CALL, *_OWNED),
    EMAIL: (*_ENGAGEMENT, *_EMAIL, *_OWNED),
    MEETING: (*_ENGAGEMENT, *_MEETING, *_OWNED),
    NOTE: (*_ENGAGEMENT, _text("hs_note_body", "Note body", "html"), *_OWNED),
    TASK: (*_ENGAGEMENT, *_TASK, *_OWNED),
    COMMUNICATION: (*_ENGAGEMENT, *_COMMUNICATION, *_OWNED),
    USER: _USER,
    LEAD: (*_LEAD, *_OWNED),
}

STANDARD: dict[Kind, dict[str, Definition]] = {
    kind: {
        definition.name: definition
        for definition in (*_EVERYWHERE, *(() if kind is CONTACT else _MODIFIED), *_BY_KIND[kind])
    }
    for kind in KINDS
}
