"""The CRMs, telephony, mail and notification channels: their formats, and nothing that decides."""
