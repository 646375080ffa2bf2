"""Sessions and sign-ins: account, device and method."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class SignInMethod(StrEnum):
    PASSWORD = "password"  # noqa: S105 - how somebody signed in
    LINK = "link"  # sent by e-mail
    RESET = "reset"  # the link that replaces a password
    INVITATION = "invitation"  # the link that creates an account or grants a role
    PASSKEY = "passkey"  # counts as two factors: possession of the device and its unlocking
    SIGN_ON = "sign_on"  # at a single sign-on provider


class SecondStep(StrEnum):
    CODE = "code"  # from an authenticator app
    RECOVERY = "recovery"
    PASSKEY = "passkey"
    ELSEWHERE = "elsewhere"  # asked for by the provider


class AccountSession(Base):
    """A signed-in browser. Times are rounded down to the hour.

    Only a hash of the cookie's token is stored. No IP address or user agent is kept, only the names of browser and
    system. The row is deleted when the session ends.
    """

    __tablename__ = "account_session"

    id: Mapped[Id]
    hash: Mapped[bytes] = mapped_column(unique=True)
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    epoch: Mapped[int]  # the account's epoch at the start; a session from an older epoch is invalid
    method: Mapped[SignInMethod]
    second: Mapped[SecondStep | None]
    identity_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("sign_on_identity.id", ondelete="CASCADE"), index=True
    )
    provider_session: Mapped[bytes | None]  # hash of the provider's session ID
    device: Mapped[str]  # such as "Firefox, Windows"; empty if unknown
    begun_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class SignIn(Base):
    """A sign-in: hour, method and type of device, without IP address. Deleted after 90 days."""

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_account_id_at", "account_id", "at"),)

    id: Mapped[Id]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    method: Mapped[SignInMethod]
    second: Mapped[SecondStep | None]
    device: Mapped[str]
    at: Mapped[datetime]
