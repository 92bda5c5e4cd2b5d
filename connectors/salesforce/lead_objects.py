"""Which object holds the leads: Lead, Contact, or a custom object with an owner. They differ in what they have."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LeadObject:
    """What queries and tasks have to know of the object. `link` is where a Task or an Event names the record."""

    name: str
    converts: bool = False
    merges: bool = False
    status: str | None = None
    link: str = "WhatId"

    @property
    def unconverted(self) -> str:
        """The condition that leaves converted records out, to stand before others; empty where nothing converts."""
        return "IsConverted = false AND " if self.converts else ""

    @property
    def conversion(self) -> tuple[str, ...]:
        """The field that tells whether a record was converted."""
        return ("IsConverted",) if self.converts else ()

    def or_converted(self, condition: str) -> str:
        """The condition, or that the record was converted."""
        return f"({condition} OR IsConverted = true)" if self.converts else condition

    @property
    def history(self) -> tuple[str, str]:
        """The object that keeps the field history, and where a row of it names the record."""
        if self.name.endswith("__c"):
            return f"{self.name.removesuffix('__c')}__History", "ParentId"
        return f"{self.name}History", f"{self.name}Id"

    @property
    def fate(self) -> tuple[str, ...]:
        """The fields that tell whether a record is gone, and why."""
        merged = ("MasterRecordId",) if self.merges else ()
        return ("IsDeleted", *merged, *self.conversion)

    @property
    def linked(self) -> str:
        """The condition under which a Task or an Event is about such a record."""
        return f"{self.link.removesuffix('Id')}.Type = '{self.name}'"


_STANDARD = {
    "Lead": LeadObject("Lead", converts=True, merges=True, status="Status", link="WhoId"),
    "Contact": LeadObject("Contact", merges=True, link="WhoId"),
}


def lead_object(name: str) -> LeadObject:
    """The object of that API name."""
    return _STANDARD.get(name) or LeadObject(name)
