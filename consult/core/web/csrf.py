"""Protection against cross-site form posts, and messages for users whose own form was refused.

A form needs the token of its session (signed, and stored in a cookie sent by pages of this site only). If the browser
reports that another site sent the form, it is refused. The Referer is not used: pages with secret links send none, and
some browsers and proxies never do. Such pages send `Origin: null`, which says nothing either way. Source: Fetch
Standard, "append a request Origin header"; Fetch Metadata Request Headers, section 2.2.
"""

from __future__ import annotations

import re
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask, current_app, g, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFError, CSRFProtect
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import ImmutableMultiDict

from consult.core.i18n import N_
from consult.core.text import fingerprint

OTHER_SITE_REASON = (
    "Another site sent the form (Sec-Fetch-Site, or an Origin that is neither CONSULT_BASE_URL nor the host)."
)
"""The reason for the log. It omits the other site's address, which may reveal who visited it."""
SPOILT_REASON = "The CSRF token is no token, or not as it was given out."
OTHER_KEY_REASON = "The CSRF token is signed with another key."
UNREADABLE_REASON = "The session cookie is signed with another key, or is spoilt."
_INVALID, _NO_SESSION = "The CSRF token is invalid.", "The CSRF session token is missing."
RESENT_FIELD = "csrf_again"
"""The field that marks a form sent again from the error page."""
REREAD_FIELD = "reread"
"""The field with form data that is sent only to change the language. Nothing is stored."""
SECRET_FIELDS = frozenset({"password", "current", "secret"})
"""Fields that are not sent back to the page and must be entered again."""
TOKEN_MESSAGES = {
    OTHER_SITE_REASON: N_("Another website sent this form, so we did not use it."),
    "The CSRF token is missing.": N_("Part of the form did not arrive."),
    "The CSRF session token is missing.": N_(
        "Your browser did not send the cookie that this site gave it when you opened the form. If this happens again, "
        "allow cookies for this site."
    ),
    "The CSRF token has expired.": N_("You opened this form more than 12 hours ago."),
    SPOILT_REASON: N_("Part of the form changed on its way to us, so we could not check that it is safe."),
    OTHER_KEY_REASON: N_("This site was set up again after you opened the form, or the form belongs to another site."),
    UNREADABLE_REASON: N_(
        "This site cannot read the cookie your browser sent. Either the cookie was changed, or the site was "
        "set up again after you opened the form."
    ),
    "The CSRF tokens do not match.": N_("After you opened this form, you signed in or out in another window."),
}
"""User messages for the library's token errors."""
SIGNED_IN_MESSAGE = N_("You are now signed in. Check what you wrote, then send it.")
"""The message for users who were signed out. The page's form has no token; they get one after signing in."""


class FormSender(StrEnum):
    HERE = "a page of this site"
    ELSEWHERE = "another site"
    UNTOLD = "the browser does not say"


def form_sender() -> FormSender:
    """Return which site sent this request. Browsers set these headers, unless they are very old; pages cannot."""
    if site := request.headers.get("Sec-Fetch-Site"):
        told = {"same-origin": FormSender.HERE, "same-site": FormSender.ELSEWHERE, "cross-site": FormSender.ELSEWHERE}
        return told.get(site, FormSender.UNTOLD)
    origin = request.headers.get("Origin", "null")
    if origin == "null":
        return FormSender.UNTOLD
    return FormSender.HERE if _is_our_origin(origin) else FormSender.ELSEWHERE


def _is_our_origin(origin: str) -> bool:
    """Return True for the public origin or the requested host. A proxy may have changed scheme and host."""
    base = urlsplit(current_app.config["SETTINGS"].base_url)
    scheme, _, host = origin.casefold().partition("://")
    return host == request.host.casefold() or (scheme, host) == (base.scheme, base.netloc.casefold())


class CsrfProtection(CSRFProtect):
    """Flask-WTF's token check, extended by a check of the sending site."""

    def init_app(self, app: Flask) -> None:
        app.before_request(_read_kept_fields)
        super().init_app(app)
        app.jinja_env.globals["kept_fields"] = kept_fields

    def protect(self, apply_exemptions: bool = False) -> None:
        super().protect(apply_exemptions=apply_exemptions)
        if g.get("csrf_valid") and form_sender() is FormSender.ELSEWHERE:
            raise CSRFError(OTHER_SITE_REASON)


def refusal_reason(error: CSRFError) -> str:
    """Return the reason for a refusal. Another site as sender is reported before a wrong token."""
    if form_sender() is FormSender.ELSEWHERE:
        return OTHER_SITE_REASON
    why = str(error.description)
    if why == _INVALID:
        return OTHER_KEY_REASON if _is_token_of_another_key() else SPOILT_REASON
    if why == _NO_SESSION and _has_unreadable_cookie():
        return UNREADABLE_REASON
    return why


def _is_token_of_another_key() -> bool:
    """Return True if the token is well formed but belongs to another session or key, not just damaged."""
    sent = next((value for name, value in request.form.items() if name.endswith("csrf_token")), "")
    readable, token = URLSafeTimedSerializer("").loads_unsafe(sent)
    well_formed = not readable and isinstance(token, str) and _TOKEN.fullmatch(token) is not None
    return well_formed and len(sent.rpartition(".")[2]) == 27 and token != session.get("csrf_token")


def _has_unreadable_cookie() -> bool:
    sent = request.cookies.get(current_app.config["SESSION_COOKIE_NAME"])
    signer = SecureCookieSessionInterface().get_signing_serializer(current_app)
    if sent is None or signer is None:
        return False
    try:
        signer.loads(sent)
    except BadSignature:
        return True
    return False


def explain_refusal(why: str) -> str:
    """Return the message that is shown for a CSRF error."""
    if why == "The CSRF token is missing." and RESENT_FIELD in request.form:
        return str(SIGNED_IN_MESSAGE)
    return str(TOKEN_MESSAGES.get(why, TOKEN_MESSAGES["The CSRF token is missing."]))


def list_sent_fields() -> list[tuple[str, str]]:
    """Return the form fields that can be sent again: all but the token and our own mark."""
    left_out = ("csrf_token", RESENT_FIELD)
    return [(str(name), str(value)) for name, value in request.form.items(multi=True) if not name.endswith(left_out)]


def is_reread() -> bool:
    """Return True if the form of this request was sent only to change the language."""
    return bool(request) and bool(g.get("reread"))


def _read_kept_fields() -> None:
    """Restore form fields that a change of language carries along, as if they were submitted again.

    They are in one field or, if that is empty, are the submitted fields themselves.
    """
    kept = request.form.get(REREAD_FIELD) if request.method == "POST" else None
    if kept is not None:
        g.reread = True
        fields = [*parse_qsl(kept, keep_blank_values=True), ("csrf_token", request.form.get("csrf_token", ""))]
        if not kept:
            left_out = {REREAD_FIELD, *SECRET_FIELDS}
            fields = [(name, value) for name, value in request.form.items(multi=True) if name not in left_out]
        request.form = ImmutableMultiDict(fields)


def note_refused() -> None:
    """Mark that a form of this request is shown again with errors."""
    g.came_back = True


def kept_fields(came_back: bool = False) -> str:
    """Return URL-encoded form data for a change of language: all but files and passwords.

    Empty if another site sent it, which could display its own text here, or if the URL has no GET page.
    """
    readable = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
    if not (came_back or g.get("came_back")):
        return ""
    if request.method != "POST" or not readable or form_sender() is FormSender.ELSEWHERE:
        return ""
    return urlencode([(name, value) for name, value in list_sent_fields() if name not in SECRET_FIELDS])


_TOKEN = re.compile("[0-9a-f]{40}")
FILLED_IN = "_filled_in"
"""The suffix of hidden fields with the mark of text that the page itself put into a field."""


def mark_filled_in(text: str) -> str:
    """Return the mark of a prefilled text. It ignores how browsers send line ends and spaces."""
    return fingerprint(" ".join(text.split())).hex()


def list_written_words() -> list[str]:
    """Return the free text of the form: values of several words.

    Text that the page filled in and nobody changed is excluded.
    """
    return [
        value
        for name, value in list_sent_fields()
        if len(value.split()) > 1
        and name not in SECRET_FIELDS
        and request.form.get(f"{name}{FILLED_IN}") != mark_filled_in(value)
    ]


def may_send_again() -> bool:
    """Return True if the error page may offer to send the form again.

    Only for forms from this site: otherwise another site could display its own text here. Files and passwords must be
    entered again.
    """
    files = any(file.filename for _name, file in request.files.items(multi=True))
    return form_sender() is FormSender.HERE and not files and not SECRET_FIELDS & request.form.keys()
