"""Known devices: a signed cookie that recognises a browser that has signed in to an account before.

The cookie grants no access. Wrong passwords from elsewhere do not count against a known device. It holds random
characters and a code that only this installation can check, and it is sent to the sign-in pages only. A new password,
“sign out everywhere else” and “Quick exit” invalidate it.
"""

from __future__ import annotations

import hmac
import secrets

from flask import Response, after_this_request, current_app, request

from consult.accounts.model import Account
from consult.core.web.limits import blind_key
from consult.core.web.requests import settings

PATH = "/sign-in"
_LIFE_SECONDS = 90 * 24 * 3600
_ACCOUNTS = 3
"""The maximum number of accounts per browser: people may share a computer."""
_NONCE, _CODE = 16, 32


def cookie_name() -> str:
    return "__Secure-device" if settings().secure else "device"


def find_device(account: Account | None) -> str | None:
    """Return the rate-limit key of a known device of this account, or None.

    The codes are also compared without an account, so that timing does not reveal accounts.
    """
    number, epoch = (account.id, account.session_epoch) if account else (0, 0)
    marks = [mark for mark in _marks() if hmac.compare_digest(mark, _sign(mark[:_NONCE], number, epoch))]
    return blind_key("device", marks[0]) if marks and account else None


def remember(account: Account) -> None:
    """Mark the browser as a known device of the account, in the response to this request."""
    others = [mark for mark in _marks() if mark != _sign(mark[:_NONCE], account.id, account.session_epoch)]
    marks = [_sign(secrets.token_hex(_NONCE // 2), account.id, account.session_epoch), *others][:_ACCOUNTS]

    @after_this_request
    def write(response: Response) -> Response:
        response.set_cookie(
            cookie_name(),
            ".".join(marks),
            max_age=_LIFE_SECONDS,
            path=PATH,
            secure=settings().secure,
            httponly=True,
            samesite="Strict",
        )
        return response


def forget() -> None:
    """Delete the cookie in the response to this request."""

    @after_this_request
    def delete(response: Response) -> Response:
        response.delete_cookie(cookie_name(), path=PATH, secure=settings().secure, httponly=True, samesite="Strict")
        return response


def _marks() -> list[str]:
    """Return the well-formed marks in the cookie. Their codes are not checked yet."""
    marks = request.cookies.get(cookie_name(), "")[: _ACCOUNTS * (_NONCE + _CODE + 1)].split(".")
    return [mark for mark in marks if mark.isascii() and len(mark) == _NONCE + _CODE]


def _sign(nonce: str, number: int, epoch: int) -> str:
    """Return the nonce with a code that proves that we issued it to this account in its current session epoch."""
    key = hmac.digest(str(current_app.config["SECRET_KEY"]).encode(), b"known device", "sha256")
    return nonce + hmac.new(key, f"{nonce}:{number}:{epoch}".encode(), "sha256").hexdigest()[:_CODE]
