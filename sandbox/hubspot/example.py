"""How to use the stand-in HubSpot."""

from sandbox.world import Example

EXAMPLE = Example(
    url="HUBSPOT_URL",
    environment={"HUBSPOT_TOKEN": "pat-na1-sandbox", "HUBSPOT_CLIENT_SECRET": "sandbox-client-secret"},
    object="contact",
    unowned=("nobody",),
    fields={
        "last": "lastname",
        "email": "email",
        "company": "company",
        "country": "country",
        "industry": "industry",
        "employees": "numemployees",
        "status": "hs_lead_status",
    },
    disqualified="UNQUALIFIED",
    company={"name": "Acme", "domain": "acme.example", "lifecyclestage": "customer"},
    owner="hubspot_owner_id",
    decision="fairlead_decision",
    answer="fairlead_answer",
    writes={"method": "POST", "path": "/batch/update"},
    reads={"path": "/batch/read"},
    creates_tasks={"method": "POST", "path": "/tasks/batch/create"},
    looks_for_tasks={"path": "/associations/"},
    calls_to_look=2,
    # HubSpot's own source is computed, and no form fills it in: config/crm/hubspot.yaml maps this one.
    grown={"properties": [{"name": "inquiry_type", "label": "Inquiry type"}]},
)
