"""How to use the company's own CRM."""

from sandbox.world import Example

TOKEN = "own-crm-token"  # noqa: S105 - the sandbox's own, and no secret

EXAMPLE = Example(
    url="REST_URL",
    environment={"REST_TOKEN": TOKEN},
    object="lead",
    unowned=("nobody",),
    fields={
        "last": "name",
        "email": "email",
        "company": "company",
        "country": "country",
        "industry": "industry",
        "employees": "employees",
        "source": "source",
        "status": "status",
    },
    disqualified="closed",
    company={"name": "Acme", "website": "https://www.acme.example/de", "customer": "yes"},
    owner="owner",
    decision="fairlead_decision",
    answer="fairlead_answer",
    writes={"method": "PATCH", "path": "/leads"},
    reads={"method": "POST", "path": "/leads/read"},
    creates_tasks={"method": "POST", "path": "/v1/tasks"},
    looks_for_tasks={"path": "/tasks/read"},
    calls_to_look=1,
)
