"""Sessions: who is signed in, on which device, and how they signed in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class SignInMethod(StrEnum):
    PASSWORD = "password"  # noqa: S105 - how somebody signed in
    LINK = "link"  # sent by e-mail
    RESET = "reset"  # the link that replaces a password
    INVITATION = "invitation"  # the link that makes an account, or gives one a role


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
    device: Mapped[str]  # such as "Firefox, Windows"; empty where it is not known
    begun_at: Mapped[datetime]
    seen_at: Mapped[datetime]
