"""The objects that this org knows and their fields, as describe reports them in a plain org (checked against recorded
describes of Lead, Contact, Account and Event; fields that nothing here uses are left out).

A line is: name, type, and `required`, `read` (nobody writes it), `create` (fixed once created) or `=default`.
`OwnerId Group,User as Owner` is a reference to either, followed in queries as `Owner.…`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

TEXT_TYPES = frozenset({"string", "textarea", "picklist", "email", "phone", "url", "combobox"})
NUMBER_TYPES = frozenset({"int", "double", "currency", "percent"})


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: str
    length: int = 0
    required: bool = False
    createable: bool = True
    updateable: bool = True
    default: Any = None
    refers: tuple[str, ...] = ()
    relationship: str | None = None
    values: tuple[str, ...] = ()
    restricted: bool = False
    """nothing but `values` may be in it"""
    precision: int = 0
    scale: int = 0
    label: str = ""

    @property
    def polymorphic(self) -> bool:
        return len(self.refers) > 1

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")


@dataclass(frozen=True)
class Kind:
    """One object (sObject type). Those whose `where` is `tooling` exist under /tooling only."""

    name: str
    prefix: str
    fields: Mapping[str, Field]
    """by lower-case name"""
    unique: tuple[str, ...] = ()
    """fields that no two records share all of"""
    where: str = "data"

    @cached_property
    def relationships(self) -> Mapping[str, Field]:
        """References by lower-case relationship name."""
        return {f.relationship.lower(): f for f in self.fields.values() if f.relationship}

    @property
    def owned(self) -> bool:
        """Whether its records have an owner."""
        return "ownerid" in self.fields

    def field(self, name: str) -> Field | None:
        return self.fields.get(name.lower())

    def with_fields(self, more: Iterable[Field]) -> "Kind":
        return Kind(
            self.name, self.prefix, {**self.fields, **{f.name.lower(): f for f in more}}, self.unique, self.where
        )


SYSTEM = """
Id               id(18)         read
IsDeleted        boolean        read
CreatedDate      datetime       read
CreatedById      User as CreatedBy  read
LastModifiedDate datetime       read
LastModifiedById User as LastModifiedBy  read
SystemModstamp   datetime       read
"""

PERSON = """
LastName         string(80)     required
FirstName        string(40)
Salutation       picklist(40)
Name             string(121)    read
Title            string(128)
Phone            phone(40)
MobilePhone      phone(40)
Fax              phone(40)
Email            email(80)
LeadSource       picklist(255)
Description      textarea(32000)
LastActivityDate date           read
"""

COMPANY = """
Website           url(255)
Industry          picklist(255)
AnnualRevenue     currency
NumberOfEmployees int
Rating            picklist(255)
"""

LEAD = """
Company           string(255)    required
Street            textarea(255)
City              string(40)
State             string(80)
PostalCode        string(20)
Country           string(80)
Status            picklist(255)  ="Open - Not Contacted"
OwnerId           Group,User as Owner
IsConverted       boolean        create =false
ConvertedDate     date           read
ConvertedAccountId Account as ConvertedAccount  read
ConvertedContactId Contact as ConvertedContact  read
ConvertedOpportunityId Opportunity as ConvertedOpportunity  read
IsUnreadByOwner   boolean        =true
MasterRecordId    Lead as MasterRecord  read
"""

CONTACT = """
AccountId         Account as Account
OwnerId           User as Owner
Department        string(80)
MailingStreet     textarea(255)
MailingCity       string(40)
MailingState      string(80)
MailingPostalCode string(20)
MailingCountry    string(80)
"""

ACCOUNT = """
Name              string(255)    required
Type              picklist(255)
ParentId          Account as Parent
AccountNumber     string(40)
Phone             phone(40)
Description       textarea(32000)
OwnerId           User as Owner
BillingStreet     textarea(255)
BillingCity       string(40)
BillingState      string(80)
BillingPostalCode string(20)
BillingCountry    string(80)
LastActivityDate  date           read
"""

USER = """
Username          string(80)     required
LastName          string(80)     required
FirstName         string(40)
Name              string(121)    read
Alias             string(8)
Email             email(128)     required
Phone             phone(40)
Title             string(80)
Department        string(80)
IsActive          boolean        =true
UserType          picklist(40)   read ="Standard"
TimeZoneSidKey    picklist(40)   ="Europe/Berlin"
LocaleSidKey      picklist(40)   ="en_GB"
LastLoginDate     datetime       read
ManagerId         User as Manager
FederationIdentifier string(512)
"""

GROUP = """
Name              string(40)     required
DeveloperName     string(80)
Type              picklist(40)   create ="Queue"
Email             email(255)
"""

TASK = """
WhoId             Contact,Lead as Who
WhatId            Account,Opportunity as What
Subject           combobox(255)
Status            picklist(255)  ="Not Started"
Priority          picklist(255)  ="Normal"
IsHighPriority    boolean        read =false
OwnerId           Group,User as Owner
ActivityDate      date
Description       textarea(32000)
Type              picklist(40)
IsClosed          boolean        read =false
IsArchived        boolean        read =false
TaskSubtype       picklist(40)   create ="Task"
CallType          picklist(40)
CallDurationInSeconds int
CallDisposition   string(255)
CallObject        string(255)
CompletedDateTime datetime       read
ReminderDateTime  datetime
IsReminderSet     boolean        =false
"""

EVENT = """
WhoId             Contact,Lead as Who
WhatId            Account,Opportunity as What
Subject           combobox(255)
Location          string(255)
IsAllDayEvent     boolean        =false
ActivityDateTime  datetime
ActivityDate      date
DurationInMinutes int
StartDateTime     datetime
EndDateTime       datetime
Description       textarea(32000)
OwnerId           User as Owner
IsPrivate         boolean        =false
ShowAs            picklist(40)   ="Busy"
IsChild           boolean        read =false
IsArchived        boolean        read =false
EventSubtype      picklist(40)   create ="Event"
"""

EMAIL_MESSAGE = """
ActivityId        Task as Activity
RelatedToId       Account,Opportunity as RelatedTo
Status            picklist(40)   ="3"
Incoming          boolean        =false
MessageDate       datetime
Subject           string(3000)
TextBody          textarea(131072)
FromAddress       email(1000)
ToAddress         string(4000)
"""

EMAIL_MESSAGE_RELATION = """
EmailMessageId    EmailMessage as EmailMessage  required
RelationId        Contact,Lead,User as Relation
RelationType      picklist(40)   required
RelationAddress   string(255)
RelationObjectType picklist(40)  read
"""

# What a reference to several objects offers in a query without TYPEOF, whichever of them it is.
NAME = """
Name              string(121)    read
FirstName         string(40)     read
LastName          string(80)     read
Email             email(80)      read
Phone             phone(40)      read
Title             string(80)     read
Username          string(80)     read
Alias             string(8)      read
Type              picklist(40)   read
IsActive          boolean        read
"""

OTHERS = {
    "QueueSobject": ("03g", "QueueId Group as Queue required\nSobjectType picklist(40) required"),
    "GroupMember": ("011", "GroupId Group as Group required\nUserOrGroupId Group,User as UserOrGroup required"),
    "Organization": (
        "00D",
        "Name string(80) required\nOrganizationType picklist(40) read\nInstanceName string(5) read"
        "\nIsSandbox boolean read\nTimeZoneSidKey picklist(40)\nDefaultLocaleSidKey picklist(40)"
        "\nLanguageLocaleKey picklist(40)",
    ),
    "PermissionSet": (
        "0PS",
        "Name string(80) required\nLabel string(80) required\nDescription string(255)"
        "\nIsOwnedByProfile boolean read =false",
    ),
    "PermissionSetAssignment": (
        "0Pa",
        "PermissionSetId PermissionSet as PermissionSet required\nAssigneeId User as Assignee required",
    ),
    "FieldPermissions": (
        "01k",
        "ParentId PermissionSet as Parent required\nSobjectType picklist(40) required\nField picklist(255) required"
        "\nPermissionsRead boolean =false\nPermissionsEdit boolean =false",
    ),
}

UNIQUE = {
    "User": ("Username",),
    "PermissionSet": ("Name",),
    "PermissionSetAssignment": ("PermissionSetId", "AssigneeId"),
    "FieldPermissions": ("ParentId", "Field"),
    "QueueSobject": ("QueueId", "SobjectType"),
}

TOOLING = {
    "CustomField": (
        "00N",
        "DeveloperName string(40)\nTableEnumOrId picklist(40)\nNamespacePrefix string(15) read\nFullName string(255)"
        "\nEntityDefinitionId EntityDefinition as EntityDefinition read\nMetadata complexvalue",
    ),
    "ValidationRule": (
        "03d",
        "ValidationName string(40)\nEntityDefinitionId EntityDefinition as EntityDefinition read\nActive boolean"
        "\nDescription textarea(255)\nErrorMessage textarea(255)\nErrorDisplayField string(40)\nFullName string(255)"
        "\nNamespacePrefix string(15) read\nMetadata complexvalue",
    ),
    "EntityDefinition": (
        "4ie",
        "DurableId string(255) read\nQualifiedApiName string(255) read\nDeveloperName string(255) read"
        "\nLabel string(255) read\nKeyPrefix string(3) read",
    ),
}

_LINE = re.compile(
    r"""(?P<name>\w+)\s+
        (?: (?P<type>[a-z]+)(?:\((?P<length>\d+)\))?(?!\S) | (?P<refers>[A-Z][\w,]*)\s+as\s+(?P<as>\w+) )
        (?:\s+(?P<flag>required|read|create))? (?:\s+=(?P<default>.+))?""",
    re.VERBOSE,
)
_DEFAULTS = {"true": True, "false": False}


def label(name: str) -> str:
    """OwnerId -> Owner ID, as errors about a field name it."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.sub(r"\bId$", "ID", words)


def _field(line: str) -> Field:
    found = _LINE.fullmatch(line.strip())
    if not found:
        raise ValueError(f"not a line of the schema: {line!r}")
    flag, default = found["flag"], found["default"]
    return Field(
        name=found["name"],
        type=found["type"] or "reference",
        length=int(found["length"] or (18 if found["refers"] else 0)),
        required=flag == "required",
        createable=flag != "read",
        updateable=flag not in ("read", "create"),
        default=_DEFAULTS.get(default, default.strip('"')) if default else None,
        refers=tuple(found["refers"].split(",")) if found["refers"] else (),
        relationship=found["as"],
        label=label(found["name"]),
    )


def _kind(name: str, prefix: str, *parts: str, where: str = "data") -> Kind:
    lines = "\n".join((SYSTEM, *parts)).strip().splitlines()
    fields = {parsed.name.lower(): parsed for parsed in (_field(line) for line in lines if line.strip())}
    return Kind(name, prefix, fields, UNIQUE.get(name, ()), where)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        _kind("Lead", "00Q", PERSON, COMPANY, LEAD),
        _kind("Contact", "003", PERSON, CONTACT),
        _kind("Account", "001", COMPANY, ACCOUNT),
        _kind("User", "005", USER),
        _kind("Group", "00G", GROUP),
        _kind("Task", "00T", TASK),
        _kind("Event", "00U", EVENT),
        _kind("EmailMessage", "02s", EMAIL_MESSAGE),
        _kind("EmailMessageRelation", "0CI", EMAIL_MESSAGE_RELATION),
        *(_kind(name, prefix, text) for name, (prefix, text) in OTHERS.items()),
        *(_kind(name, prefix, text, where="tooling") for name, (prefix, text) in TOOLING.items()),
    )
}
ANY_NAME = _kind("Name", "", NAME)
BY_PREFIX = {kind.prefix: kind.name for kind in KINDS.values()}
_BY_LOWER_NAME = {name.lower(): name for name in KINDS}


def kind_name(text: str) -> str | None:
    """An object's name as it is written, whatever case it was asked in."""
    return _BY_LOWER_NAME.get(text.lower())


_METADATA_TYPES = {
    "Text": "string",
    "TextArea": "textarea",
    "LongTextArea": "textarea",
    "Html": "textarea",
    "Number": "double",
    "Currency": "currency",
    "Percent": "percent",
    "Checkbox": "boolean",
    "DateTime": "datetime",
    "Date": "date",
    "Picklist": "picklist",
    "Email": "email",
    "Phone": "phone",
    "Url": "url",
    "Lookup": "reference",
}


def custom_field(name: str, metadata: Mapping[str, Any]) -> Field:
    """The field that a CustomField's metadata describes. ValueError where it has no type that we know."""
    type = _METADATA_TYPES.get(metadata.get("type", ""))
    if not type:
        raise ValueError(f"{metadata.get('type')!r} is not a field type")
    length = {"TextArea": 255, "Email": 80, "Phone": 40, "Url": 255, "Picklist": 255, "Lookup": 18}
    value_set = metadata.get("valueSet", {})
    choices = value_set.get("valueSetDefinition", {}).get("value", [])
    return Field(
        name=name,
        type=type,
        length=int(metadata.get("length", length.get(metadata["type"], 0))),
        required=bool(metadata.get("required")),
        default=False if type == "boolean" else None,
        refers=(metadata["referenceTo"],) if type == "reference" else (),
        relationship=f"{name.removesuffix('__c')}__r" if type == "reference" else None,
        values=tuple(choice.get("valueName") or choice.get("fullName") for choice in choices),
        restricted=bool(value_set.get("restricted")),
        precision=int(metadata.get("precision", 0)),
        scale=int(metadata.get("scale", 0)),
        label=str(metadata.get("label") or name),
    )
