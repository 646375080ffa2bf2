"""Addresses that may stand in frames of other sites: signed, so that this site alone says what they show.

Their pages draw what is stored and nothing of the address, and an address that nobody here made stands in no frame.
"""

from __future__ import annotations

import hmac

from consult.core.crypto import derive_token

_LENGTH = 16


def sign_card(slug: str) -> str:
    """The key in the address of a consultation's card: 80 bits, the same each time it is made here."""
    return derive_token("card", slug, b"")[:_LENGTH]


def is_signed(slug: str, key: str) -> bool:
    """Whether this installation made the address of a card."""
    return hmac.compare_digest(sign_card(slug).encode(), key.encode())
