"""Known devices: a signed cookie by which a browser that has signed in to an account is told from a stranger's.

It opens nothing. Wrong passwords from elsewhere do not count against it. It names nobody: random characters and a code
that only this installation can check, sent to the sign-in pages only. A new password, "sign out everywhere else" and
"Quick exit" end it.
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
"""The most accounts of one browser: a couple shares a computer."""
_NONCE, _CODE = 16, 32


def cookie_name() -> str:
    return "__Secure-device" if settings().secure else "device"


def find_device(account: Account | None) -> str | None:
    """The key by which a known device of this account is counted; None for others. As much work for no account."""
    number, epoch = (account.id, account.session_epoch) if account else (0, 0)
    found = [mark for mark in _marks() if hmac.compare_digest(mark, _sign(mark[:_NONCE], number, epoch))]
    return blind_key("device", found[0]) if found and account else None


def remember(account: Account) -> None:
    """The answer to this request makes the browser a known device of the account."""
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
    """The answer to this request takes the cookie away."""

    @after_this_request
    def delete(response: Response) -> Response:
        response.delete_cookie(cookie_name(), path=PATH, secure=settings().secure, httponly=True, samesite="Strict")
        return response


def _marks() -> list[str]:
    """The marks in the cookie, in shape; their codes are not checked yet."""
    marks = request.cookies.get(cookie_name(), "")[: _ACCOUNTS * (_NONCE + _CODE + 1)].split(".")
    return [mark for mark in marks if mark.isascii() and len(mark) == _NONCE + _CODE]


def _sign(nonce: str, number: int, epoch: int) -> str:
    """The nonce and the code that shows that we gave it to this account, since it last ended its sessions."""
    key = hmac.digest(str(current_app.config["SECRET_KEY"]).encode(), b"known device", "sha256")
    return nonce + hmac.new(key, f"{nonce}:{number}:{epoch}".encode(), "sha256").hexdigest()[:_CODE]
