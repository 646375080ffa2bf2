"""Keys are derived as the standard says, so that what was sealed before is opened."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from consult.core import crypto


@pytest.mark.parametrize(("secret", "purpose"), [("", ""), ("for-development-only", "seal"), ("é" * 90, "derived:x")])
def test_keys_are_derived_by_hkdf(secret: str, purpose: str) -> None:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"consult:{purpose}".encode())
    assert crypto._derive(secret, purpose) == made.derive(secret.encode())
