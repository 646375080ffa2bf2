"""Metadata of a provider. Source: OpenID Connect Discovery 1.0; RFC 9207 (`iss` in the callback)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from consult.accounts.single_sign_on.fetch import ProviderFailed, fetch_json, require_public_host
from consult.core.i18n import _
from consult.core.web.remote_hosts import is_safe_address

_KEPT_SECONDS = 600.0
_MOST = 100
_ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True)
class ProviderMetadata:
    """Endpoints and supported features of a provider."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    names_itself: bool  # sends `iss` to the callback
    posts_secret: bool  # takes a client's secret in the form only
    has_groups: bool  # supports the scope `groups`; other providers may reject it


_known: dict[str, tuple[float, ProviderMetadata]] = {}


def discover(issuer: str) -> ProviderMetadata:
    """Return the provider's metadata, cached for ten minutes. Raises ProviderFailed."""
    kept = _known.get(issuer)
    if kept and time.monotonic() - kept[0] < _KEPT_SECONDS:
        return kept[1]
    metadata = _parse(issuer, fetch_json(f"{issuer.rstrip('/')}/.well-known/openid-configuration"))
    if len(_known) >= _MOST:
        _known.clear()
    _known[issuer] = (time.monotonic(), metadata)
    return metadata


def forget() -> None:
    """Clear the cache of provider metadata."""
    _known.clear()


def fetch_keys(metadata: ProviderMetadata) -> dict[str, Any]:
    """Return the provider's public keys as a JWK set.

    Symmetric keys are left out because a public one proves nothing. Raises ProviderFailed.
    """
    keys = fetch_json(metadata.jwks_uri).get("keys")
    usable = (
        [key for key in keys if isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP")]
        if isinstance(keys, list)
        else []
    )
    if not usable:
        raise ProviderFailed(_("The provider shows no public key."))
    return {"keys": usable}


def _parse(issuer: str, fields: dict[str, Any]) -> ProviderMetadata:
    if fields.get("issuer") != issuer:
        raise ProviderFailed(_("The provider uses a different web address from the one set up here."))
    if not all(is_safe_address(fields.get(name)) for name in _ADDRESSES):
        raise ProviderFailed(_("The provider gives a web address that does not start with https."))
    for name in (*_ADDRESSES, "userinfo_endpoint", "end_session_endpoint"):
        require_public_host(fields.get(name))
    userinfo = fields.get("userinfo_endpoint")
    methods = fields.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return ProviderMetadata(
        issuer=issuer,
        **{name: fields[name] for name in _ADDRESSES},
        userinfo_endpoint=userinfo if is_safe_address(userinfo) else None,
        names_itself=fields.get("authorization_response_iss_parameter_supported") is True,
        posts_secret="client_secret_basic" not in methods and "client_secret_post" in methods,
        has_groups="groups" in (fields.get("scopes_supported") or ()),
    )
