"""Signed tokens of a provider: the ID token of a sign-in, and the logout token of a sign-out.

Source: OpenID Connect Core 1.0, section 3.1.3.7; OpenID Connect Back-Channel Logout 1.0, section 2.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from consult.accounts.single_sign_on.discovery import ProviderMetadata
from consult.core.errors import Forbidden
from consult.core.i18n import _
from consult.core.lazy import LazyModule

_claims: Any = LazyModule("authlib.oidc.core.claims")
_jwt: Any = LazyModule("joserfc.jwt")
_jwk: Any = LazyModule("joserfc.jwk")
_errors: Any = LazyModule("joserfc.errors")
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signature algorithms with a private key only: neither `none` nor shared secrets."""
LEEWAY_SECONDS = 60
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LOGOUT_SECONDS = 300
_MOST = 32 * 1024
_SUBJECT = 255


class TokenRefused(Forbidden):
    """The provider's token is not validly signed for this site and this sign-in."""


def read_id_token(
    token: object,
    keys: Mapping[str, Any],
    metadata: ProviderMetadata,
    *,
    client_id: str,
    nonce: str,
    access_token: str | None,
    at: datetime,
) -> dict[str, Any]:
    """Verify an ID token for this site and sign-in and return its claims. Raises TokenRefused."""
    header, claims = _decode(token, keys)
    try:
        checked = _claims.CodeIDToken(
            claims,
            header,
            options={
                "iss": {"essential": True, "value": metadata.issuer},
                "aud": {"essential": True, "value": client_id},
            },
            params={"nonce": nonce, "client_id": client_id, "access_token": access_token},
        )
        checked.validate(now=int(at.timestamp()), leeway=LEEWAY_SECONDS)
    except (_errors.JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise refuse_token() from error
    _require_subject(claims.get("sub"))
    return claims


def read_logout_token(
    token: object, keys: Mapping[str, Any], metadata: ProviderMetadata, *, client_id: str, at: datetime
) -> tuple[str | None, str | None]:
    """Verify a logout token and return its subject and the provider's session ID. Raises TokenRefused."""
    _header, claims = _decode(token, keys)
    audience, events = claims.get("aud"), claims.get("events")
    issued, ends = claims.get("iat"), claims.get("exp")
    present = at.timestamp()
    fits = (
        claims.get("iss") == metadata.issuer
        and client_id in (audience if isinstance(audience, list) else [audience])
        and isinstance(events, dict)
        and _LOGOUT_EVENT in events
        and "nonce" not in claims
        and isinstance(issued, int | float)
        and abs(present - issued) <= _LOGOUT_SECONDS
        and (ends is None or (isinstance(ends, int | float) and ends + LEEWAY_SECONDS > present))
    )
    subject, session = claims.get("sub"), claims.get("sid")
    if not fits or not (isinstance(subject, str) or isinstance(session, str)):
        raise refuse_token()
    return (subject if isinstance(subject, str) else None), (session if isinstance(session, str) else None)


def refuse_token() -> TokenRefused:
    return TokenRefused(_("We could not trust the provider’s answer, so we did not sign you in. Start again."))


def _decode(token: object, keys: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Verify the signature and return header and claims. Raises TokenRefused."""
    if not isinstance(token, str) or not 0 < len(token) <= _MOST:
        raise refuse_token()
    try:
        decoded = _jwt.decode(token, _jwk.KeySet.import_key_set(dict(keys)), algorithms=list(ALGORITHMS))
    except (_errors.JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise refuse_token() from error
    if not isinstance(decoded.claims, dict):
        raise refuse_token()
    return dict(decoded.header), dict(decoded.claims)


def _require_subject(subject: object) -> None:
    if not isinstance(subject, str) or not 0 < len(subject) <= _SUBJECT or not subject.isprintable():
        raise refuse_token()
