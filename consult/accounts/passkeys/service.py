"""Passkeys of an account: offer, add, rename, remove, sign in. The `webauthn` library verifies the ceremonies.

Source: W3C Web Authentication, Level 3, sections 7.1 and 7.2. Attestation is not requested.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.accounts.passkeys.model import Passkey
from consult.core.clock import now
from consult.core.crypto import keyed_hash
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.lazy import LazyModule
from consult.core.text import one_line
from consult.core.web.requests import settings

_webauthn: Any = LazyModule("webauthn")
_structs: Any = LazyModule("webauthn.helpers.structs")
_helpers: Any = LazyModule("webauthn.helpers")
_errors: Any = LazyModule("webauthn.helpers.exceptions")
MOST = 10
"""The maximum number of passkeys per account."""
TIMEOUT_MS = 120_000


class WrongPasskey(Refusal):
    """The browser's response is not from a passkey of this account, or not for this challenge."""


def list_passkeys(session: Session, account: Account) -> Sequence[Passkey]:
    """Return the account's passkeys, oldest first."""
    return session.scalars(select(Passkey).where(Passkey.account_id == account.id).order_by(Passkey.id)).all()


def make_creation_options(session: Session, account: Account) -> dict[str, Any]:
    """Return WebAuthn creation options as JSON data. The caller stores the `challenge`.

    Raises Refusal if the account has the maximum number of passkeys.
    """
    _check_room(session, account)
    options = _webauthn.generate_registration_options(
        rp_id=settings().host,
        rp_name=f"Consult {settings().host}",
        user_id=keyed_hash("passkey", str(account.id).encode()),
        user_name=account.display_name,
        user_display_name=account.display_name,
        timeout=TIMEOUT_MS,
        authenticator_selection=_structs.AuthenticatorSelectionCriteria(
            resident_key=_structs.ResidentKeyRequirement.PREFERRED,
            user_verification=_structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[_describe(row) for row in list_passkeys(session, account)],
    )
    return dict(json.loads(_webauthn.options_to_json(options)))


def make_request_options(session: Session, account: Account | None) -> dict[str, Any]:
    """Return WebAuthn request options as JSON data, for any passkey of this site or those of one account."""
    allowed = [_describe(row) for row in list_passkeys(session, account)] if account else []
    options = _webauthn.generate_authentication_options(
        rp_id=settings().host,
        timeout=TIMEOUT_MS,
        allow_credentials=allowed,
        user_verification=_structs.UserVerificationRequirement.REQUIRED,
    )
    return dict(json.loads(_webauthn.options_to_json(options)))


def add(session: Session, account: Account, *, answer: str, challenge: str, origin: str, name: str) -> Passkey:
    """Verify and store a new passkey. Raises WrongPasskey, and Refusal if there are too many."""
    _check_room(session, account)
    try:
        made = _webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=_helpers.base64url_to_bytes(challenge),
            expected_rp_id=settings().host,
            expected_origin=origin,
            require_user_verification=True,
        )
        transports = json.loads(answer).get("response", {}).get("transports") or []
    except (_errors.WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise WrongPasskey(_("Passkey not created. Try again.")) from error
    if session.scalar(select(Passkey.id).where(Passkey.credential == made.credential_id)):
        raise WrongPasskey(_("This passkey is already on your account."))
    row = Passkey(
        account_id=account.id,
        credential=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=one_line(name)[:60] or _("Passkey"),
        transports=[str(item)[:20] for item in transports if isinstance(item, str)][:8],
        added_at=now(),
        used_at=None,
    )
    session.add(row)
    session.flush()
    return row


def _check_room(session: Session, account: Account) -> None:
    if len(list_passkeys(session, account)) >= MOST:
        raise Refusal(_("An account can have up to 10 passkeys. Remove one first."))


def sign_in(
    session: Session,
    *,
    answer: str,
    challenge: str,
    origin: str,
    account: Account | None = None,
    at: datetime | None = None,
) -> Account:
    """Return the account of a verified passkey. With `account`, accept only its passkeys. Raises WrongPasskey."""
    try:
        credential = _helpers.base64url_to_bytes(str(json.loads(answer)["id"]))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _wrong() from error
    row = session.scalar(select(Passkey).where(Passkey.credential == credential).with_for_update())
    if row is None or (account is not None and row.account_id != account.id):
        raise _wrong()
    try:
        shown = _webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=_helpers.base64url_to_bytes(challenge),
            expected_rp_id=settings().host,
            expected_origin=origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except (_errors.WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _wrong() from error
    row.sign_count = shown.new_sign_count
    row.used_at = (at or now()).replace(minute=0, second=0, microsecond=0)
    session.flush()
    return session.get_one(Account, row.account_id)


def rename(session: Session, account: Account, number: int, name: str) -> None:
    """Rename a passkey. Raises NotFound for another account's passkey."""
    mine = update(Passkey).where(Passkey.id == number, Passkey.account_id == account.id)
    if session.scalar(mine.values(name=one_line(name)[:60] or _("Passkey")).returning(Passkey.id)) is None:
        raise NotFound(_("This passkey was already removed."))


def get_passkey(session: Session, account: Account, number: int) -> Passkey:
    """Return a passkey of the account. Raises NotFound for another account's passkey."""
    row = session.get(Passkey, number)
    if row is None or row.account_id != account.id:
        raise NotFound(_("This passkey was already removed."))
    return row


def remove(session: Session, account: Account, number: int) -> None:
    """Delete a passkey. Raises NotFound for another account's passkey."""
    get_passkey(session, account, number)
    session.execute(delete(Passkey).where(Passkey.id == number))


def are_possible() -> bool:
    """Return True if browsers allow passkeys for this site: they need a host name, not an IP address."""
    return not is_ip_address(settings().host)


def is_ip_address(host: str) -> bool:
    """Check whether a host is an IP address.

    Source: W3C Web Authentication: the “effective domain” must be a domain.

    >>> is_ip_address("127.0.0.1"), is_ip_address("::1"), is_ip_address("localhost")
    (True, True, False)
    """
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def expected_origin() -> str:
    """Return the origin that browsers report for this site."""
    parts = urlsplit(settings().base_url)
    return f"{parts.scheme}://{parts.netloc}"


def _describe(row: Passkey) -> Any:
    known = {str(item.value): item for item in _structs.AuthenticatorTransport}
    transports = [known[item] for item in row.transports if item in known]
    return _structs.PublicKeyCredentialDescriptor(id=row.credential, transports=transports or None)


def _wrong() -> WrongPasskey:
    return WrongPasskey(_("No account here uses this passkey. Sign in with your password or a link by e-mail."))
