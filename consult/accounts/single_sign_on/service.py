"""Sign-in at a provider: redirect the browser, verify the response, find the account.

Source: OpenID Connect Core 1.0 (code flow), RFC 7636 (PKCE), RFC 9207, RFC 9700. See docs/decisions/0060.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from consult.accounts.sessions.model import AccountSession
from consult.accounts.single_sign_on import discovery, tokens
from consult.accounts.single_sign_on.discovery import ProviderMetadata
from consult.accounts.single_sign_on.fetch import basic_authorization, fetch_json
from consult.accounts.single_sign_on.model import SignOnAttempt, SignOnIdentity, SignOnProvider
from consult.core.clock import now
from consult.core.crypto import hash_token, new_token, seal, unseal
from consult.core.errors import Forbidden
from consult.core.i18n import _
from consult.core.lazy import LazyModule

_grants: Any = LazyModule("authlib.oauth2.rfc6749.parameters")
_pkce: Any = LazyModule("authlib.oauth2.rfc7636")
LIFE = timedelta(minutes=10)
"""The time limit for a sign-in at the provider."""
_ABOUT = ("email", "email_verified", "name", "preferred_username")


class SignOnRefused(Forbidden):
    """The callback does not belong to a sign-in that this browser started."""


@dataclass(frozen=True)
class ProviderIdentity:
    """A person as confirmed by a provider. `email` is set only if the provider says that it is verified."""

    provider: SignOnProvider
    subject: str
    email: str | None
    name: str
    values: tuple[str, ...]  # values of the claim from which roles are read
    session: str | None  # the provider's session ID
    next: str

    @property
    def is_of_own_domain(self) -> bool:
        """Return True if the address is verified and its domain is one of the provider's own."""
        domain = self.email.rpartition("@")[2].casefold() if self.email else ""
        return bool(domain) and domain in self.provider.domains


def begin(
    session: Session, provider: SignOnProvider, *, browser: str, callback: str, target: str, at: datetime | None = None
) -> str:
    """Start a sign-in and return the URL at the provider to redirect to. Raises ProviderFailed."""
    metadata = discovery.discover(provider.issuer)
    state, nonce, verifier = new_token(), new_token(), secrets.token_urlsafe(48)
    session.add(
        SignOnAttempt(
            hash=hash_token(state),
            browser=hash_token(browser),
            provider_id=provider.id,
            nonce_sealed=seal(nonce),
            verifier_sealed=seal(verifier),
            next=target,
            begun_at=at or now(),
        )
    )
    session.flush()
    address: str = _grants.prepare_grant_uri(
        metadata.authorization_endpoint,
        provider.client_id,
        "code",
        redirect_uri=callback,
        scope=" ".join(("openid", "email", "profile", *(["groups"] if provider.claim and metadata.has_groups else []))),
        state=state,
        nonce=nonce,
        code_challenge=_pkce.create_s256_code_challenge(verifier),
        code_challenge_method="S256",
    )
    return address


def use_attempt(
    session: Session, provider: SignOnProvider, *, state: str, browser: str, at: datetime | None = None
) -> SignOnAttempt:
    """Return and delete the attempt that this browser started with `state`. Raises SignOnRefused.

    It is deleted even if the sign-in fails later.
    """
    used = delete(SignOnAttempt).where(SignOnAttempt.hash == hash_token(state)).returning(SignOnAttempt)
    row = session.scalar(used)
    fits = (
        row is not None
        and row.provider_id == provider.id
        and secrets.compare_digest(row.browser, hash_token(browser))
        and timedelta(0) <= (at or now()) - row.begun_at <= LIFE
    )
    if row is None or not fits:
        raise SignOnRefused(
            _("This sign-in started in another browser, was already used, or took too long. Start again.")
        )
    session.expunge(row)
    return row


def read_answer(
    provider: SignOnProvider, attempt: SignOnAttempt, *, code: str, issuer: str | None, callback: str
) -> ProviderIdentity:
    """Exchange the code of a callback and return the verified identity.

    Raises ProviderFailed, TokenRefused and SignOnRefused.
    """
    metadata = discovery.discover(provider.issuer)
    if (metadata.names_itself and issuer is None) or (issuer is not None and issuer != provider.issuer):
        raise SignOnRefused(_("The answer came from a different provider, so we did not sign you in. Start again."))
    if not code:
        raise SignOnRefused(_("The provider did not sign you in. Sign in another way, or try again."))
    answer = _exchange(provider, metadata, code, unseal(attempt.verifier_sealed), callback)
    access = answer.get("access_token") if isinstance(answer.get("access_token"), str) else None
    claims = tokens.read_id_token(
        answer.get("id_token"),
        discovery.fetch_keys(metadata),
        metadata,
        client_id=provider.client_id,
        nonce=unseal(attempt.nonce_sealed),
        access_token=access,
        at=now(),
    )
    return _identify(provider, {**_fetch_more(provider, metadata, claims, access), **claims}, attempt.next)


def _exchange(
    provider: SignOnProvider, metadata: ProviderMetadata, code: str, verifier: str, callback: str
) -> dict[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback,
        "client_id": provider.client_id,
        "code_verifier": verifier,
    }
    headers: dict[str, str] = {}
    if provider.secret_sealed is not None:
        secret = unseal(provider.secret_sealed)
        if metadata.posts_secret:
            form["client_secret"] = secret
        else:
            headers = basic_authorization(provider.client_id, secret)
    return fetch_json(metadata.token_endpoint, form=form, headers=headers)


def _fetch_more(
    provider: SignOnProvider, metadata: ProviderMetadata, claims: dict[str, Any], access: str | None
) -> dict[str, Any]:
    """Return claims from the userinfo endpoint that the ID token lacks. Raises TokenRefused if the subject differs."""
    wanted = ["email", *([provider.claim] if provider.claim else [])]
    if access is None or metadata.userinfo_endpoint is None or all(name in claims for name in wanted):
        return {}
    fields = fetch_json(metadata.userinfo_endpoint, headers={"Authorization": f"Bearer {access}"})
    if fields.get("sub") != claims["sub"]:
        raise tokens.refuse_token()
    return {name: fields[name] for name in (*_ABOUT, provider.claim) if name in fields}


def _identify(provider: SignOnProvider, claims: dict[str, Any], target: str) -> ProviderIdentity:
    email, name = claims.get("email"), claims.get("name") or claims.get("preferred_username") or ""
    is_verified = claims.get("email_verified") is True and isinstance(email, str) and 3 <= len(email) <= 254
    claimed = claims.get(provider.claim) if provider.claim else None
    values = claimed if isinstance(claimed, list) else [claimed]
    session = claims.get("sid")
    return ProviderIdentity(
        provider=provider,
        subject=claims["sub"],
        email=email if is_verified else None,
        name=name[:120] if isinstance(name, str) else "",
        values=tuple(value for value in values if isinstance(value, str)),
        session=session if isinstance(session, str) else None,
        next=target,
    )


def sign_out(session: Session, provider: SignOnProvider, *, token: str) -> int:
    """End the sessions named in a logout token and return their number. Raises TokenRefused and ProviderFailed."""
    metadata = discovery.discover(provider.issuer)
    subject, name = tokens.read_logout_token(
        token, discovery.fetch_keys(metadata), metadata, client_id=provider.client_id, at=now()
    )
    theirs = select(SignOnIdentity.id).where(SignOnIdentity.provider_id == provider.id)
    if subject is not None:
        theirs = theirs.where(SignOnIdentity.subject == subject)
    ended = delete(AccountSession).where(AccountSession.identity_id.in_(theirs))
    if name is not None:
        ended = ended.where(AccountSession.provider_session == hash_token(name))
    return len(session.scalars(ended.returning(AccountSession.id)).all())


def forget_attempts(session: Session, *, at: datetime | None = None) -> None:
    """Delete sign-in attempts that were not completed in time."""
    session.execute(delete(SignOnAttempt).where(SignOnAttempt.begun_at < (at or now()) - LIFE))
