"""Sessions: who is signed in, on which device, and how they signed in."""

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
    INVITATION = "invitation"  # the link that makes an account, or gives one a role
    PASSKEY = "passkey"  # alone: it shows both that somebody has it and that they are its owner
    SIGN_ON = "sign_on"  # at a provider of their institution


class SecondStep(StrEnum):
    CODE = "code"  # of an authenticator app
    RECOVERY = "recovery"
    PASSKEY = "passkey"
    ELSEWHERE = "elsewhere"  # the provider asks for one


class AccountSession(Base):
    """One browser that is signed in. The token is in its cookie only; times are rounded down to the hour.

    No internet address and no user agent is kept: the device is a browser and a system by name. The row goes when the
    session ends.
    """

    __tablename__ = "account_session"

    id: Mapped[Id]
    hash: Mapped[bytes] = mapped_column(unique=True)
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    epoch: Mapped[int]  # the account's when it began: one that began while all were ended opens nothing
    method: Mapped[SignInMethod]
    second: Mapped[SecondStep | None]
    identity_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("sign_on_identity.id", ondelete="CASCADE"), index=True
    )
    provider_session: Mapped[bytes | None]  # hash of what the provider calls this session
    device: Mapped[str]  # such as "Firefox, Windows"; empty where it is not known
    begun_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class SignIn(Base):
    """One time that somebody signed in: when, by what means, on what kind of device. No internet address.

    The time is rounded down to the hour. The row goes after 90 days.
    """

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_account_id_at", "account_id", "at"),)

    id: Mapped[Id]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    method: Mapped[SignInMethod]
    second: Mapped[SecondStep | None]
    device: Mapped[str]
    at: Mapped[datetime]
