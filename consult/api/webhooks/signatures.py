"""Signatures of webhook requests. Source: Standard Webhooks 1.0 (standardwebhooks.com), HMAC-SHA256."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterable

_PREFIX = "whsec_"


def new_secret() -> str:
    """Return a new secret of 256 bits."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def write_headers(message_id: str, at: int, body: bytes, held: Iterable[str]) -> dict[str, str]:
    """Return the headers of a request sent at a Unix time, with one signature for each secret.

    >>> secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    >>> body = b'{"test": 2432232314}'
    >>> write_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, [secret])["webhook-signature"]
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    signed = f"{message_id}.{at}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{_sign(secret, signed)}" for secret in held),
    }


def _sign(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
