"""Access checks, transaction, headers and error pages of every request."""

from __future__ import annotations

import errno
import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import urlsplit

import flask
from flask import Flask, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_compress import Compress
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from consult.core.crypto import UnsealError
from consult.core.database import outages
from consult.core.database.key_check import WrongSealKey
from consult.core.db import ReadMode, db, set_read_only
from consult.core.errors import Refusal
from consult.core.i18n import N_, _
from consult.core.logs import get_request_id, line_budget, log, log_bounded
from consult.core.settings import Settings
from consult.core.web import csrf as web_csrf
from consult.core.web import systems
from consult.core.web.access import Allow, Role, is_allowed, require_allowed
from consult.core.web.form_parser import Request

Part = TypeVar("Part", str, bytes)
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
GATES = "consult.gates"
"""Functions of access rule and person that may raise a Refusal, in this extension of the application."""
PROGRAM_CHECK = "consult.program_check"
"""A function that raises a Refusal unless the request comes from a program with a token, in this extension."""
ERROR_FORMATS = "consult.error_formats"
"""Functions of status, message and error that return the response to programs, by prefix of path, in this extension."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self' {leave}; frame-src 'self'; frame-ancestors 'none'"
)
BARE_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self' {leave}; "
    "frame-ancestors 'none'"
)
NO_SPACE_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
csrf = web_csrf.CsrfProtection()
compress = Compress()


class Principal(Protocol):
    """The attributes of a signed-in account that access rules need."""

    id: int
    role: Role
    display_name: str


def principal() -> Principal | None:
    """Return the signed-in account itself rather than flask_login's proxy, or None for a visitor."""
    person = current_user._get_current_object() if current_user else None
    return cast("Principal", person) if person is not None and person.is_authenticated else None


class SignInRequired(Exception):
    """The page requires signing in."""


def check_access(rule: Allow) -> None:
    """Raise SignInRequired or Forbidden if the person may not access the route. Demo routes give 404 elsewhere.

    Routes for programs accept a token or a secret link only, never the cookie of a signed-in person.
    """
    if rule is Allow.PROGRAM:
        current_app.extensions[PROGRAM_CHECK]()
        return
    person = principal() if rule is not Allow.ANYONE else None
    if is_allowed(rule, person.role if person else None, demo=settings().demo):
        for gate in current_app.extensions.get(GATES, ()) if person is not None else ():
            gate(rule, person)
        return
    if rule is Allow.DEMO:
        flask.abort(404)
    if person is None:
        raise SignInRequired
    log_bounded("access.refused", endpoint=request.endpoint, account=person.id, role=person.role)
    require_allowed(rule, person.role)


class Blueprint(flask.Blueprint):
    """A blueprint whose routes must each declare an access rule. Without `allow`, importing the module fails.

    Pages of a `traceless` blueprint set no cookies, run no scripts and are not cached.
    """

    def __init__(self, name: str, import_name: str, *, traceless: bool = False, **options: Any) -> None:
        super().__init__(name, import_name, **options)
        self.traceless = traceless
        if traceless:
            self.after_request(_leave_no_trace)

    def route(  # type: ignore[override]
        self, rule: str, *, allow: Allow, whole: bool = False, **options: Any
    ) -> Callable[[View], View]:
        def register(view: View) -> View:
            @functools.wraps(view)
            def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
                if request.method in SAFE_METHODS:
                    set_read_only(ReadMode.WHOLE if whole else ReadMode.APART)
                systems.require_on(self.import_name)
                check_access(allow)
                administrator = _acting_administrator(allow)
                answer = make_response(view(*args, **kwargs))
                if whole or request.method not in SAFE_METHODS:
                    _end_transaction(answer.status_code)
                if administrator is not None and answer.status_code < 400:
                    # By route name, since a path may contain a secret.
                    log_bounded("administrator.acted", endpoint=request.endpoint, account=administrator)
                return answer

            guarded.allow = allow  # type: ignore[attr-defined]
            super(Blueprint, self).route(rule, **options)(guarded)
            return view

        return register


def _leave_no_trace(answer: Response) -> Response:
    """Suppress the session cookie, forbid caching and send no referrer."""
    flask.session.modified = False
    answer.headers["Content-Security-Policy"] = BARE_CSP.format(leave=leave_origin(settings()))
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def leave_origin(chosen: Settings) -> str:
    """Return the origin that “Quick exit” leads to, since a redirected form counts as a form action."""
    leave = urlsplit(chosen.leave_url)
    return f"{leave.scheme}://{leave.netloc}"


def _end_transaction(status: int) -> None:
    """Commit after a successful request. Roll back after errors and forms sent only to change the language."""
    if status < 400 and not web_csrf.is_reread():
        db.session.commit()
    else:
        db.session.rollback()


def _acting_administrator(rule: Allow) -> int | None:
    """Return the ID of an administrator about to change something, read before the commit to avoid a query."""
    apart = rule in (Allow.ANYONE, Allow.PROGRAM) or request.method in SAFE_METHODS
    person = None if apart else principal()
    return person.id if person is not None and person.role is Role.ADMIN else None


def stream_rows(rows: Iterable[Part]) -> Iterator[Part]:
    """Stream rows in the request's context, and release the connection at the end, when the request is over."""
    session = db.session()

    def sent() -> Iterator[Part]:
        try:
            yield from rows
        finally:
            session.close()

    return flask.stream_with_context(sent())


def settings() -> Settings:
    """Return the settings of the current application."""
    return cast("Settings", current_app.config["SETTINGS"])


def safe_next(target: str | None, fallback: str) -> str:
    """Return `target` if it is a path on this site, else `fallback`, so that external URLs are never followed.

    >>> safe_next("/my", "/"), safe_next("https://elsewhere.example", "/"), safe_next("//elsewhere.example", "/")
    ('/my', '/', '/')
    """
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return fallback
    parts = urlsplit(target)
    return fallback if parts.scheme or parts.netloc or any(ord(c) < 32 for c in target) else target


def wants_json() -> bool:
    """Return True if the client prefers JSON to HTML."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def _error_response(
    status: int, message: str, field: str | None = None, title: str = "", error: Exception | None = None
) -> ResponseReturnValue:
    """Return the error response: an HTML page, or RFC 9457 problem details. Some paths have a format of their own."""
    db.session.rollback()
    for prefix, form in current_app.extensions.get(ERROR_FORMATS, {}).items():
        if request.path.startswith(prefix):
            return cast("ResponseReturnValue", form(status, message, error))
    if wants_json():
        body = {"type": "about:blank", "status": status, "title": message, **({"field": field} if field else {})}
        body |= {"reference": get_request_id()} if status >= 500 else {}
        response = flask.jsonify(body)
        response.content_type = "application/problem+json"
        response.status_code = status
        return response
    page = f"errors/{status}.html" if status in {403, 404, 500} else "errors/error.html"
    return render_template([page, "errors/error.html"], status=status, message=message, heading=title), status


def current_page() -> str:
    """Return the page the user is on: the requested one, or the one whose form was sent."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    form = urlsplit(request.referrer or "").path
    readable = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
    return form or (request.path if readable else "/")


def offer_form_again(message: str, status: int) -> ResponseReturnValue:
    """Show a refused form with all input, to be sent again from this page when the user is allowed to."""
    db.session.rollback()
    allow = getattr(current_app.view_functions.get(request.endpoint or ""), "allow", Allow.ANYONE)
    offered = web_csrf.may_send_again()
    out = offered and allow not in {Allow.ANYONE, Allow.DEMO} and principal() is None
    if out:
        message = _("You are no longer signed in, so we did not use the form.")
    page = render_template(
        "errors/again.html",
        message=message,
        status=status,
        out=out,
        place=current_page(),
        mark=web_csrf.RESENT_FIELD,
        fields=web_csrf.list_sent_fields() if offered else [],
        words=web_csrf.list_written_words() if offered else [],
        offered=offered,
    )
    return page, status, {"Cache-Control": "no-store"}


_HTTP_MESSAGES = {
    400: N_("We could not read the form. Go back, reload the page and try again."),
    404: N_("There is no page at this web address. Check it for typing errors, or start from the home page."),
    405: N_("This web address does not accept this type of request."),
    413: N_(
        "Your form or file is larger than this site accepts. Go back, then shorten the text or choose a smaller file."
    ),
    429: N_("Too many attempts in a short time. Wait a few minutes, then try again."),
}


def _register_refusals(app: Flask) -> None:
    @app.errorhandler(Refusal)
    def refused(error: Refusal) -> ResponseReturnValue:
        return _error_response(error.status, error.message, error.field, _(error.title) if error.title else "", error)

    @app.errorhandler(SignInRequired)
    def sign_in(_error: SignInRequired) -> ResponseReturnValue:
        if wants_json():
            return _error_response(401, _("Sign in first."))
        if request.method not in SAFE_METHODS and web_csrf.list_written_words() and web_csrf.may_send_again():
            return offer_form_again("", 401)
        return redirect(url_for("accounts.sign_in", next=current_page()), 303)

    @app.errorhandler(CSRFError)
    def forged(error: CSRFError) -> ResponseReturnValue:
        rule = request.url_rule.rule if request.url_rule else ""  # never the path, which may contain a secret link
        why = web_csrf.refusal_reason(error)
        if (more := line_budget.take("request.forged")) is not None:
            log.warning("request.forged", rule=rule, reason=why, **more)
        message = web_csrf.explain_refusal(why)
        return _error_response(400, message) if wants_json() else offer_form_again(message, 400)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        code = error.code or 500
        if code < 400:
            return error
        if code == 429:
            log_bounded("limit.reached", endpoint=request.endpoint)
        answer = app.make_response(_error_response(code, str(_HTTP_MESSAGES.get(code, error.description))))
        answer.headers.extend(header for header in error.get_headers() if header[0] != "Content-Type")
        return answer


def _register_faults(app: Flask) -> None:
    """Register the handlers of internal errors. Their pages show no details."""

    @app.errorhandler(OperationalError)
    @app.errorhandler(NoConnectionFree)
    @app.errorhandler(WrongSealKey)
    def away(error: Exception) -> ResponseReturnValue:
        known = str(error) if isinstance(error, WrongSealKey) else outages.explain_outage(error)
        kind = type(getattr(error, "orig", None) or error).__name__
        log.error("request.database", endpoint=request.endpoint, error=kind, reason=known, exc_info=not known)
        return _error_response(503, _("The database is not available right now. We saved nothing you sent."))

    @app.errorhandler(UnsealError)
    def sealed(error: UnsealError) -> ResponseReturnValue:
        log.error("request.unreadable", endpoint=request.endpoint, reason=str(error))
        return _error_response(
            500, _("We cannot open some data on this page because they were encrypted with another key.")
        )

    @app.errorhandler(OSError)
    def full(error: OSError) -> ResponseReturnValue:
        if error.errno not in NO_SPACE_ERRORS:
            return broken(error)
        log.error("request.no_room", endpoint=request.endpoint)
        return _error_response(503, _("Our storage is full, so we saved nothing. Copy your text and try again later."))

    @app.errorhandler(Exception)
    def broken(error: Exception) -> ResponseReturnValue:
        if app.testing:
            raise error
        log.error("request.broke", endpoint=request.endpoint, error=type(error).__name__, exc_info=True)
        return _error_response(
            500, _("Something went wrong on our side. We logged the error, but saved nothing you sent.")
        )


def _refuse_null_characters(app: Flask) -> None:
    @app.before_request
    def refuse() -> None:
        """Answer 404 for null characters, which no URL of ours contains and PostgreSQL rejects."""
        if "\x00" in request.path or b"%00" in request.query_string:
            flask.abort(404)


def _set_headers(app: Flask) -> None:
    policy = CSP.format(leave=leave_origin(app.config["SETTINGS"]))

    @app.after_request
    def secure(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        if "frame-ancestors 'none'" in headers["Content-Security-Policy"]:
            headers.setdefault("X-Frame-Options", "DENY")  # the same for browsers without that policy
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if settings().secure:
            headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "private, no-cache")
        elif (close := getattr(response.response, "close", None)) is not None:
            response.call_on_close(close)  # otherwise compression leaves the file open
        return response


def init_app(app: Flask) -> None:
    chosen: Settings = app.config["SETTINGS"]
    app.config.update(
        SECRET_KEY=chosen.secret_key.reveal(),
        SESSION_COOKIE_NAME="__Host-session" if chosen.secure else "session",
        SESSION_COOKIE_SECURE=chosen.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=8 * 2**20,
        MAX_FORM_MEMORY_SIZE=4 * 2**20,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=False,  # pages with secret links send no Referer: see csrf.py
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "gzip"],
        COMPRESS_BR_LEVEL=4,  # under a millisecond per page, within 5 % of level 5
        COMPRESS_LEVEL=5,
        SEND_FILE_MAX_AGE_DEFAULT=31536000,
        TRUSTED_HOSTS=chosen.trusted_hosts or None,
    )
    app.request_class = Request
    csrf.init_app(app)

    @app.context_processor
    def in_templates() -> dict[str, Any]:
        here = app.blueprints.get(request.blueprint or "") if flask.has_request_context() else None
        return {"traceless": getattr(here, "traceless", False), "request_reference": get_request_id()}

    compress.init_app(app)
    if chosen.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=chosen.proxies, x_proto=chosen.proxies, x_host=chosen.proxies
        )
    _register_refusals(app)
    _register_faults(app)
    _refuse_null_characters(app)
    _set_headers(app)
