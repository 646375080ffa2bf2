"""Passkeys of an account: offer, add, rename, remove, sign in. The ceremonies are checked by `webauthn`.

Source: W3C Web Authentication, Level 3, sections 7.1 and 7.2. Attestation is not asked for.
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
"""The most passkeys of one account."""
TIMEOUT_MS = 120_000


class WrongPasskey(Refusal):
    """The browser's answer is not that of a passkey of this account, or not to this question."""


def list_passkeys(session: Session, account: Account) -> Sequence[Passkey]:
    """The account's passkeys, the oldest first."""
    return session.scalars(select(Passkey).where(Passkey.account_id == account.id).order_by(Passkey.id)).all()


def make_creation_options(session: Session, account: Account) -> dict[str, Any]:
    """What a browser is asked to make a passkey by; its `challenge` is kept until the answer. Raises Refusal."""
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
    """What a browser is asked to sign in by: any passkey of this site, or one of an account's own."""
    allowed = [_describe(row) for row in list_passkeys(session, account)] if account else []
    options = _webauthn.generate_authentication_options(
        rp_id=settings().host,
        timeout=TIMEOUT_MS,
        allow_credentials=allowed,
        user_verification=_structs.UserVerificationRequirement.REQUIRED,
    )
    return dict(json.loads(_webauthn.options_to_json(options)))


def add(session: Session, account: Account, *, answer: str, challenge: str, origin: str, name: str) -> Passkey:
    """Keeps a new passkey. Raises WrongPasskey, and Refusal for too many."""
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
        raise WrongPasskey(_("The passkey was not made. Try again.")) from error
    if session.scalar(select(Passkey.id).where(Passkey.credential == made.credential_id)):
        raise WrongPasskey(_("This passkey is here already."))
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
        raise Refusal(_("An account has at most 10 passkeys. Remove one first."))


def sign_in(
    session: Session,
    *,
    answer: str,
    challenge: str,
    origin: str,
    account: Account | None = None,
    at: datetime | None = None,
) -> Account:
    """The account that a passkey opens; with `account`, of that one only. Raises WrongPasskey."""
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
    """Raises NotFound for another account's."""
    mine = update(Passkey).where(Passkey.id == number, Passkey.account_id == account.id)
    if session.scalar(mine.values(name=one_line(name)[:60] or _("Passkey")).returning(Passkey.id)) is None:
        raise NotFound(_("This passkey is not here any more."))


def get_passkey(session: Session, account: Account, number: int) -> Passkey:
    """Raises NotFound for another account's."""
    row = session.get(Passkey, number)
    if row is None or row.account_id != account.id:
        raise NotFound(_("This passkey is not here any more."))
    return row


def remove(session: Session, account: Account, number: int) -> None:
    """Raises NotFound for another account's."""
    get_passkey(session, account, number)
    session.execute(delete(Passkey).where(Passkey.id == number))


def are_possible() -> bool:
    """Whether browsers make passkeys for this site: they do for host names, not for IP addresses."""
    return not is_ip_address(settings().host)


def is_ip_address(host: str) -> bool:
    """Source: W3C Web Authentication, "effective domain", which must be a domain.

    >>> is_ip_address("127.0.0.1"), is_ip_address("::1"), is_ip_address("localhost")
    (True, True, False)
    """
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def expected_origin() -> str:
    """The origin that browsers show for this site."""
    parts = urlsplit(settings().base_url)
    return f"{parts.scheme}://{parts.netloc}"


def _describe(row: Passkey) -> Any:
    known = {str(item.value): item for item in _structs.AuthenticatorTransport}
    transports = [known[item] for item in row.transports if item in known]
    return _structs.PublicKeyCredentialDescriptor(id=row.credential, transports=transports or None)


def _wrong() -> WrongPasskey:
    return WrongPasskey(_("This passkey opens no account here. Sign in by password or by an e-mailed link."))
