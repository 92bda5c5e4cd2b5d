"""The signatures HubSpot puts on what it sends, computed as it documents them."""

import base64
import hashlib
import hmac
import re

# Version 3 hashes the URI with these escapes decoded, once, and no others.
_DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'", "%28": "(", "%29": ")",
    "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
_ESCAPES = re.compile("|".join(_DECODED), re.IGNORECASE)


def v1(secret: str, body: bytes) -> str:
    """X-HubSpot-Signature of app webhooks: hex SHA-256 over secret and body."""
    return hashlib.sha256(secret.encode() + body).hexdigest()


def v3(secret: str, method: str, uri: str, body: bytes, timestamp_ms: int) -> str:
    """X-HubSpot-Signature-v3: base64 HMAC-SHA256 over method, URI as called, raw body and timestamp."""
    decoded = _ESCAPES.sub(lambda escape: _DECODED[escape.group().upper()], uri)
    signed = method.encode() + decoded.encode() + body + str(timestamp_ms).encode()
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
