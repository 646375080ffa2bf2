"""Access, transaction, headers and errors of every request, in one place."""

from __future__ import annotations

import errno
import functools
from collections.abc import Callable
from typing import IO, Any, Protocol, TypeVar, cast
from urllib.parse import parse_qsl, urlsplit

import flask
from flask import Flask, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_compress import Compress
from flask_login import current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.middleware.proxy_fix import ProxyFix

from consult.core.access import Allow, Role, demand, permits
from consult.core.db import Reads, db, only_read
from consult.core.errors import Refusal
from consult.core.i18n import N_, _
from consult.core.logs import log
from consult.core.settings import Settings

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
READING = frozenset({"GET", "HEAD", "OPTIONS"})
CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self' {leave}; frame-src 'self'; frame-ancestors 'none'"
)
BARE_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self' {leave}; "
    "frame-ancestors 'none'"
)
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
csrf = CSRFProtect()
compress = Compress()


class Forms(FormDataParser):
    """Keeps a form with a byte that is no UTF-8, as the parts of a form with a file are: as one that cannot be read.

    The library's own would read an empty form, and who sent it would be told of a form without a token.
    Source: WHATWG URL Standard, application/x-www-form-urlencoded parsing.
    """

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> Any:
        if mimetype != "application/x-www-form-urlencoded":
            return super().parse(stream, mimetype, content_length, options)
        fields = parse_qsl(stream.read().decode(errors="replace"), keep_blank_values=True)
        return stream, self.cls(fields), self.cls()


class Request(flask.Request):
    form_data_parser_class = Forms


class Principal(Protocol):
    """What the access rules need to know of whoever is signed in."""

    id: int
    role: Role
    display_name: str


def principal() -> Principal | None:
    """Whoever is signed in, as the row itself rather than flask_login's proxy; None for a visitor."""
    person = current_user._get_current_object() if current_user else None
    return cast("Principal", person) if person is not None and person.is_authenticated else None


class SignInNeeded(Exception):
    """The page is for people who have signed in."""


def check_access(rule: Allow) -> None:
    """Raises SignInNeeded or Forbidden where the present person may not enter; NotFound-like 404 for the demo's."""
    person = principal() if rule is not Allow.ANYONE else None
    if permits(rule, person.role if person else None, demo=settings().demo):
        return
    if rule is Allow.DEMO:
        flask.abort(404)
    if person is None:
        raise SignInNeeded
    demand(rule, person.role)


class Blueprint(flask.Blueprint):
    """A blueprint whose routes each name who may enter; without `allow` the module does not import.

    The pages of a `traceless` one set no cookie, run no script and leave nothing in caches.
    """

    def __init__(self, name: str, import_name: str, *, traceless: bool = False, **options: Any) -> None:
        super().__init__(name, import_name, **options)
        self.traceless = traceless
        if traceless:
            self.after_request(_without_trace)

    def route(  # type: ignore[override]
        self, rule: str, *, allow: Allow, whole: bool = False, **options: Any
    ) -> Callable[[View], View]:
        reads = Reads.WHOLE if whole else Reads.APART

        def register(view: View) -> View:
            @functools.wraps(view)
            def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
                if request.method in READING:
                    only_read(reads)
                check_access(allow)
                answer = make_response(view(*args, **kwargs))
                if whole or request.method not in READING:
                    _end_transaction(answer.status_code)
                return answer

            guarded.allow = allow  # type: ignore[attr-defined]
            super(Blueprint, self).route(rule, **options)(guarded)
            return view

        return register


def _without_trace(answer: Response) -> Response:
    """Nothing is kept in the browser, whatever cookie it may have sent."""
    flask.session.modified = False
    answer.headers["Content-Security-Policy"] = BARE_CSP.format(leave=leave_origin(settings()))
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def leave_origin(chosen: Settings) -> str:
    """Where "Leave this site" leads: a redirected form counts as a form action."""
    leave = urlsplit(chosen.leave_url)
    return f"{leave.scheme}://{leave.netloc}"


def _end_transaction(status: int) -> None:
    """A writing request that succeeded commits once; one that answers with an error leaves nothing."""
    if status < 400:
        db.session.commit()
    else:
        db.session.rollback()


def settings() -> Settings:
    """The settings the present application was made with."""
    return cast("Settings", current_app.config["SETTINGS"])


def safe_next(target: str | None, fallback: str) -> str:
    """`target` if it is a path on this site, else `fallback`: an outside address is never followed.

    >>> safe_next("/my", "/"), safe_next("https://elsewhere.example", "/"), safe_next("//elsewhere.example", "/")
    ('/my', '/', '/')
    """
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return fallback
    parts = urlsplit(target)
    return fallback if parts.scheme or parts.netloc or any(ord(c) < 32 for c in target) else target


def wants_json() -> bool:
    """Whether the client asked for JSON rather than a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def _problem(status: int, message: str, field: str | None = None) -> ResponseReturnValue:
    """The one answer to everything that went wrong: a page, or RFC 9457 problem details."""
    db.session.rollback()
    if wants_json():
        body = {"type": "about:blank", "status": status, "title": message, **({"field": field} if field else {})}
        response = flask.jsonify(body)
        response.content_type = "application/problem+json"
        response.status_code = status
        return response
    page = f"errors/{status}.html" if status in {403, 404, 500} else "errors/error.html"
    return render_template([page, "errors/error.html"], status=status, message=message), status


_PLAIN = {
    400: N_("The form could not be read. Go back, reload the page and try again."),
    404: N_("There is nothing at this address. Check it for typing mistakes, or start from the home page."),
    405: N_("This address does not accept that kind of request."),
    413: N_("That is larger than this site accepts."),
    429: N_("Too many tries in a short time. Wait a few minutes, then try again."),
}


def _errors(app: Flask) -> None:
    @app.errorhandler(Refusal)
    def refused(error: Refusal) -> ResponseReturnValue:
        return _problem(error.status, error.message, error.field)

    @app.errorhandler(SignInNeeded)
    def sign_in(_error: SignInNeeded) -> ResponseReturnValue:
        if wants_json():
            return _problem(401, _("Sign in first."))
        form = urlsplit(request.referrer or "")  # where somebody was who sent one
        here = request.full_path.rstrip("?") if request.method == "GET" else form.path or "/"
        return redirect(url_for("accounts.sign_in", next=here), 303)

    @app.errorhandler(CSRFError)
    def forged(error: CSRFError) -> ResponseReturnValue:
        rule = request.url_rule.rule if request.url_rule else ""  # never the path: it may hold a secret link
        log.warning("request.forged", rule=rule, reason=error.description)
        return _problem(400, _("This form was open for too long, or came from another site. Reload it and send again."))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        code = error.code or 500
        if code < 400:
            return error
        return _problem(code, str(_PLAIN.get(code, error.description)))


def _faults(app: Flask) -> None:
    """What goes wrong on our side; nothing of it is told but that."""

    @app.errorhandler(OperationalError)
    def away(error: OperationalError) -> ResponseReturnValue:
        log.error("request.database", endpoint=request.endpoint, error=type(error.orig).__name__, exc_info=True)
        return _problem(503, _("The database cannot keep or read anything just now. Nothing you sent was kept."))

    @app.errorhandler(OSError)
    def full(error: OSError) -> ResponseReturnValue:
        if error.errno not in NO_ROOM:
            return broken(error)
        log.error("request.no_room", endpoint=request.endpoint)
        return _problem(503, _("There is no room here for what you sent. Nothing of it was kept."))

    @app.errorhandler(Exception)
    def broken(error: Exception) -> ResponseReturnValue:
        if app.testing:
            raise error
        log.error("request.broke", endpoint=request.endpoint, error=type(error).__name__, exc_info=True)
        return _problem(500, _("Something went wrong on our side. It was written down; nothing you sent was kept."))


def _null_characters(app: Flask) -> None:
    @app.before_request
    def refuse() -> None:
        """No address of ours holds one, and PostgreSQL takes none: they come from people who try doors."""
        if "\x00" in request.path or b"%00" in request.query_string:
            flask.abort(404)


def _headers(app: Flask) -> None:
    policy = CSP.format(leave=leave_origin(app.config["SETTINGS"]))

    @app.after_request
    def secure(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if settings().secure:
            headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "private, no-cache")
        elif (close := getattr(response.response, "close", None)) is not None:
            response.call_on_close(close)  # compressing takes the file's place and would leave it open
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
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "gzip"],
        COMPRESS_BR_LEVEL=4,  # a page in under a millisecond, within 5 % of level 5
        COMPRESS_LEVEL=5,
        SEND_FILE_MAX_AGE_DEFAULT=31536000,
        TRUSTED_HOSTS=chosen.trusted_hosts or None,
    )
    app.request_class = Request
    csrf.init_app(app)

    @app.context_processor
    def in_templates() -> dict[str, Any]:
        here = app.blueprints.get(request.blueprint or "") if flask.has_request_context() else None
        return {"traceless": getattr(here, "traceless", False)}

    compress.init_app(app)
    if chosen.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=chosen.proxies, x_proto=chosen.proxies, x_host=chosen.proxies
        )
    _errors(app)
    _faults(app)
    _null_characters(app)
    _headers(app)
