"""A HubSpot portal over HTTP: the CRM calls, the webhooks and the refusals that this project meets.

`api` is where the HTTP application takes hold; `portal` is the state behind it; each other module is one idea of
HubSpot's API. Sources: recorded answers, HubSpot's documentation, and the generated client's own response tables,
which decode by status code and answer None to a code that HubSpot would not send.
"""

from sandbox.hubspot.api import HubSpot
from sandbox.world import World


def dialect(world: World) -> HubSpot:
    """The portal, over the world it shares with the other CRM."""
    return HubSpot(world)
