"""Signed URLs that may be embedded in frames of other sites.

Their pages show stored data and no text from the URL, so that other sites cannot choose what they show. Unsigned URLs
cannot be embedded.
"""

from __future__ import annotations

import hmac

from consult.core.crypto import derive_token

_LENGTH = 16


def sign_card(slug: str) -> str:
    """Return the key in the URL of a consultation's card: 80 bits, the same each time."""
    return derive_token("card", slug, b"")[:_LENGTH]


def is_signed(slug: str, key: str) -> bool:
    """Return True if this installation created the card's URL."""
    return hmac.compare_digest(sign_card(slug).encode(), key.encode())
