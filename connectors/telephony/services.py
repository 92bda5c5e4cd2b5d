"""Telephone services whose webhooks are understood, by their name in `config/evidence.yaml`."""

from collections.abc import Callable, Mapping
from datetime import datetime

from connectors.base import Delivery
from connectors.telephony import aircall, twilio
from domain.activities import Call

SERVICES: Mapping[str, Callable[[Delivery, str, datetime], list[Call]]] = {
    "aircall": aircall.heard,
    "twilio": twilio.heard,
}
"""Each takes a delivery, the secret that it is checked with, and machine time; it returns the calls that are over, and
raises NotGenuine or NotReadable."""
