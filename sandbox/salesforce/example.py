"""How to use the stand-in Salesforce."""

from sandbox.world import Example

EXAMPLE = Example(
    url="SALESFORCE_URL",
    environment={
        "SALESFORCE_CONSUMER_KEY": "sandbox-key",
        "SALESFORCE_CONSUMER_SECRET": "sandbox-secret",
        "SALESFORCE_WEBHOOK_SECRET": "sandbox-outbound-message-path",
    },
    object="Lead",
    unowned=("queue:Inbound", "user:integration@acme.example"),
    fields={
        "last": "LastName",
        "email": "Email",
        "company": "Company",
        "country": "Country",
        "industry": "Industry",
        "employees": "NumberOfEmployees",
        "source": "LeadSource",
        "status": "Status",
    },
    disqualified="Closed - Not Converted",
    company={"Name": "Acme", "Website": "https://www.acme.example/de", "Type": "Customer - Direct"},
    owner="OwnerId",
    decision="Fairlead_Decision__c",
    answer="Fairlead_Answer__c",
    writes={"method": "PATCH", "path": "/composite/sobjects"},
    reads={"path": "/queryAll"},
    creates_tasks={"method": "POST", "path": "/composite/sobjects"},
    looks_for_tasks={"path": "/query/"},
    calls_to_look=1,
)
