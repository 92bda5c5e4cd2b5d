"""A company's own CRM behind a small REST API; docs/developers/add-a-crm.md tells how it was added."""
