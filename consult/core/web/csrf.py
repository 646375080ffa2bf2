"""Protection against cross-site form posts, and the message for people whose own form was refused.

A form needs the token of its session (signed, and kept in a cookie that is sent by pages of this site only). Where the
browser says which site sent the form, another one is refused. A Referer is never asked for: pages behind secret links
send none, and some browsers and proxies never do. Such pages send `Origin: null`, which says nothing either way.
Source: Fetch Standard, "append a request Origin header"; Fetch Metadata Request Headers, section 2.2.
"""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask, current_app, g, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.datastructures import ImmutableMultiDict

from consult.core.i18n import N_
from consult.core.text import fingerprint

OTHER_SITE_REASON = (
    "Another site sent the form (Sec-Fetch-Site, or an Origin that is neither CONSULT_BASE_URL nor the host)."
)
"""For the log: the address of the other site is left out, for it may tell who was there."""
RESENT_FIELD = "csrf_again"
"""The field that says that a form was sent from the page that offers it anew."""
REREAD_FIELD = "reread"
"""The field with what was typed in a form, sent only to be shown in another language: nothing is stored."""
SECRET_FIELDS = frozenset({"password", "current", "secret"})
"""Fields that are not given back: what was typed there is typed again."""
TOKEN_MESSAGES = {
    OTHER_SITE_REASON: N_("Another website sent this form, so nothing of it was used."),
    "The CSRF token is missing.": N_("A part of the form did not arrive."),
    "The CSRF session token is missing.": N_(
        "Your browser did not send the cookie that this site gave it when you opened the form. If this happens again, "
        "allow cookies for this site."
    ),
    "The CSRF token has expired.": N_("You opened this form more than 12 hours ago."),
    "The CSRF token is invalid.": N_("This site was set up again after you opened the form."),
    "The CSRF tokens do not match.": N_("After you opened this form, you signed in or out in another window."),
}
"""What the library says of a token, as it is told to people."""
SIGNED_IN_MESSAGE = N_("You are signed in now. Check what you wrote, and send it.")
"""The page for people who were signed out gives the form no token: they come back with it once they are signed in."""


class FormSender(StrEnum):
    HERE = "a page of this site"
    ELSEWHERE = "another site"
    UNTOLD = "the browser does not say"


def form_sender() -> FormSender:
    """Which site sent this request. No page can set these headers: the browser does, if it is not too old."""
    if site := request.headers.get("Sec-Fetch-Site"):
        told = {"same-origin": FormSender.HERE, "same-site": FormSender.ELSEWHERE, "cross-site": FormSender.ELSEWHERE}
        return told.get(site, FormSender.UNTOLD)
    origin = request.headers.get("Origin", "null")
    if origin == "null":
        return FormSender.UNTOLD
    return FormSender.HERE if _is_our_origin(origin) else FormSender.ELSEWHERE


def _is_our_origin(origin: str) -> bool:
    """Whether it is the public address, or the host that was asked for. A proxy may have changed scheme and host."""
    base = urlsplit(current_app.config["SETTINGS"].base_url)
    scheme, _, host = origin.casefold().partition("://")
    return host == request.host.casefold() or (scheme, host) == (base.scheme, base.netloc.casefold())


class CsrfProtection(CSRFProtect):
    """Flask-WTF's check of the token, and of who sent the form."""

    def init_app(self, app: Flask) -> None:
        app.before_request(_read_kept_fields)
        super().init_app(app)
        app.jinja_env.globals["kept_fields"] = kept_fields

    def protect(self, apply_exemptions: bool = False) -> None:
        super().protect(apply_exemptions=apply_exemptions)
        if g.get("csrf_valid") and form_sender() is FormSender.ELSEWHERE:
            raise CSRFError(OTHER_SITE_REASON)


def refusal_reason(error: CSRFError) -> str:
    """Why the form was refused: another site as sender is reported before a wrong token."""
    return OTHER_SITE_REASON if form_sender() is FormSender.ELSEWHERE else str(error.description)


def explain_refusal(why: str) -> str:
    """The reason for people."""
    if why == "The CSRF token is missing." and RESENT_FIELD in request.form:
        return str(SIGNED_IN_MESSAGE)
    return str(TOKEN_MESSAGES.get(why, TOKEN_MESSAGES["The CSRF token is missing."]))


def list_sent_fields() -> list[tuple[str, str]]:
    """The fields of the form that can be sent once more: all but its token and our own mark."""
    left_out = ("csrf_token", RESENT_FIELD)
    return [(str(name), str(value)) for name, value in request.form.items(multi=True) if not name.endswith(left_out)]


def is_reread() -> bool:
    """Whether the form of this request is sent only to be shown in another language."""
    return bool(request) and bool(g.get("reread"))


def _read_kept_fields() -> None:
    """Puts the fields that a change of language takes along into the form of the request, as if they were sent anew.

    They are in one field, or, where that one is empty, are those that it came with.
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
    """A form of this request comes back with something to mend."""
    g.came_back = True


def kept_fields(came_back: bool = False) -> str:
    """What a change of language takes along from a form that came back: all but files and passwords, URL-encoded.

    Empty where another site sent it, which could show its words here, or where the address has no page of its own.
    """
    readable = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
    if not (came_back or g.get("came_back")):
        return ""
    if request.method != "POST" or not readable or form_sender() is FormSender.ELSEWHERE:
        return ""
    return urlencode([(name, value) for name, value in list_sent_fields() if name not in SECRET_FIELDS])


FILLED_IN = "_filled_in"
"""The end of the name of a hidden field that has the mark of what the page itself put into a box."""


def mark_filled_in(text: str) -> str:
    """The mark of a text that a page puts into a box, the same however a browser sends its lines and spaces."""
    return fingerprint(" ".join(text.split())).hex()


def list_written_words() -> list[str]:
    """The free text of the form: values of several words, since others are choices or marks.

    What a page filled in and nobody changed is no such text.
    """
    return [
        value
        for name, value in list_sent_fields()
        if len(value.split()) > 1
        and name not in SECRET_FIELDS
        and request.form.get(f"{name}{FILLED_IN}") != mark_filled_in(value)
    ]


def may_send_again() -> bool:
    """Whether the error page may offer to send the form again.

    Only what a page of this site sent: else another could show its words here. A file or a password is given anew.
    """
    files = any(file.filename for _name, file in request.files.items(multi=True))
    return form_sender() is FormSender.HERE and not files and not SECRET_FIELDS & request.form.keys()
