"""A Salesforce org over HTTP: sign-in, SOQL, rows one by one or in batches, Bulk, outbound messages, provisioning.

`app` is where the HTTP application takes hold, `org` the state behind it; each other module is one idea of
Salesforce's. Texts and codes of refusals are recorded ones where a recording exists.
"""

from sandbox.salesforce.app import SalesforceDialect
from sandbox.world import Dialect, World


def dialect(world: World) -> Dialect:
    """This Salesforce, for the application."""
    return SalesforceDialect(world)
