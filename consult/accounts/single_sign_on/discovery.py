"""What a provider says of itself. Source: OpenID Connect Discovery 1.0; RFC 9207 (`iss` in the callback)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from consult.accounts.single_sign_on.fetch import ProviderFailed, fetch_json, is_safe_address
from consult.core.i18n import _

_KEPT_SECONDS = 600.0
_MOST = 100
_ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True)
class ProviderMetadata:
    """Addresses of a provider, and what of the standards it does."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    names_itself: bool  # sends `iss` to the callback
    posts_secret: bool  # takes a client's secret in the form only
    has_groups: bool  # knows the scope `groups`; a provider that does not may refuse it


_known: dict[str, tuple[float, ProviderMetadata]] = {}


def discover(issuer: str) -> ProviderMetadata:
    """The provider's own words, at most ten minutes old. Raises ProviderFailed."""
    kept = _known.get(issuer)
    if kept and time.monotonic() - kept[0] < _KEPT_SECONDS:
        return kept[1]
    found = _parse(issuer, fetch_json(f"{issuer.rstrip('/')}/.well-known/openid-configuration"))
    if len(_known) >= _MOST:
        _known.clear()
    _known[issuer] = (time.monotonic(), found)
    return found


def forget() -> None:
    """The next sign-in asks anew."""
    _known.clear()


def fetch_keys(metadata: ProviderMetadata) -> dict[str, Any]:
    """The provider's public keys, as JWK. Symmetric ones are left out: nobody may sign with what is public."""
    keys = fetch_json(metadata.jwks_uri).get("keys")
    usable = (
        [key for key in keys if isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP")]
        if isinstance(keys, list)
        else []
    )
    if not usable:
        raise ProviderFailed(_("The provider shows no public key."))
    return {"keys": usable}


def _parse(issuer: str, said: dict[str, Any]) -> ProviderMetadata:
    if said.get("issuer") != issuer:
        raise ProviderFailed(_("The provider calls itself by another address than the one that is set up here."))
    if not all(is_safe_address(said.get(name)) for name in _ADDRESSES):
        raise ProviderFailed(_("The provider names an address that is not https."))
    userinfo = said.get("userinfo_endpoint")
    methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return ProviderMetadata(
        issuer=issuer,
        **{name: said[name] for name in _ADDRESSES},
        userinfo_endpoint=userinfo if is_safe_address(userinfo) else None,
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
        posts_secret="client_secret_basic" not in methods and "client_secret_post" in methods,
        has_groups="groups" in (said.get("scopes_supported") or ()),
    )
