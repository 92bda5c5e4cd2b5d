"""What differs between the objects that a lead may be in HubSpot: contacts, or leads of the Sales Hub."""

from dataclasses import dataclass

from connectors.base import Refused
from domain.mapping import CrmMapping


@dataclass(frozen=True, slots=True)
class Kind:
    """One object: its name in `crm/hubspot.yaml`, in paths, as a type id; its time properties; its link to a task;
    where its status stands."""

    name: str
    path: str
    type_id: str
    created: str
    modified: str
    from_task: int
    status: str


KINDS = {
    kind.name: kind
    for kind in (
        Kind("contact", "contacts", "0-1", "createdate", "lastmodifieddate", 204, "hs_lead_status"),
        Kind("lead", "leads", "0-136", "hs_createdate", "hs_lastmodifieddate", 647, "hs_pipeline_stage"),
    )
}


def kind_of(mapping: CrmMapping) -> Kind:
    """The object that the mapping names. Refused where it is none that can be routed."""
    kind = KINDS.get(mapping.object.lower())
    if kind is None:
        raise Refused(f"crm/hubspot.yaml: object is {mapping.object!r}; it has to be contact or lead")
    return kind
