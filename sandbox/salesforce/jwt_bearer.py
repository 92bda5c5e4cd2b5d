"""The assertion of OAuth's JWT bearer flow: the key it is signed with, and what is checked of its claims.

This module is loaded when somebody signs in this way, because its libraries take a tenth of a second.
"""

import re
from collections.abc import Mapping
from typing import Any

import jwt
import jwt.types
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

LONGEST = 300
"""seconds that an assertion may be good for; the documentation says three minutes, and clocks differ"""
_AUDIENCE = re.compile(r"https://(login|test|[\w-]+(\.sandbox)?\.my)\.salesforce\.com/?")
"""the two log-in hosts, or a My Domain; this org answers to any"""

_CHECKED_HERE: jwt.types.Options = {
    "verify_exp": False,
    "verify_aud": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_sub": False,
}
"""of what PyJWT would check by itself: its texts are not Salesforce's"""


class BadAssertion(Exception):
    """The sign-in is refused: `error` and `description` as Salesforce answers them."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description


def new_private_key() -> str:
    """In PEM form."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pkcs8, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, pkcs8, plain).decode()


def certificate_of(private_key: str) -> str:
    """The public half of a key, both in PEM form."""
    public = serialization.load_pem_private_key(private_key.encode(), None).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, form).decode()


def check_certificate(public_key: str) -> None:
    """ValueError where it is no public key in PEM form."""
    serialization.load_pem_public_key(public_key.encode())


def claims_of(assertion: str, certificate: str, consumer: str, now: float) -> Mapping[str, Any]:
    """The claims of a good assertion; BadAssertion for any other. `now` is real time, in seconds since 1970.

    Who `sub` is has to be checked by the caller.
    """
    try:
        unchecked = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError as wrong:
        raise BadAssertion("invalid_grant", "invalid assertion") from wrong
    if unchecked.get("iss") != consumer:
        raise BadAssertion("invalid_client_id", "client identifier invalid")
    try:
        claims: dict[str, Any] = jwt.decode(assertion, certificate, algorithms=["RS256"], options=_CHECKED_HERE)
    except jwt.InvalidTokenError as wrong:
        raise BadAssertion("invalid_grant", "invalid assertion") from wrong
    if not isinstance(claims.get("aud"), str) or not _AUDIENCE.fullmatch(claims["aud"]):
        raise BadAssertion("invalid_grant", "audience is invalid")
    _in_time(claims.get("exp"), now)
    return claims


def _in_time(exp: Any, now: float) -> None:
    """simple-salesforce sends `exp` as a text, and the real service takes it."""
    try:
        ends = float(exp)
    except (TypeError, ValueError) as wrong:
        raise BadAssertion("invalid_grant", "invalid assertion") from wrong
    if ends <= now:
        raise BadAssertion("invalid_grant", "expired authorization code")
    if not ends <= now + LONGEST:
        raise BadAssertion("invalid_grant", "invalid assertion")
