"""Contracts of operations: parameters, body and answer are declared once, for checks and for the OpenAPI document.

An operation is a function of the path's parameters, of `query` (a Struct, if it declares one) and of `body` (likewise).
It returns a Struct, with another status as a pair, or a Response for files.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import flask
import msgspec
from flask import Response, request
from flask.typing import ResponseReturnValue

from consult.accounts.tokens.model import Scope
from consult.api import limits
from consult.api.paging import ListPage
from consult.api.problems import ApiProblem, FieldError
from consult.core.db import db
from consult.core.i18n import _
from consult.core.web import page_cache
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint, csrf
from consult.site import queries as site

PREFIX = "/api/v1"
JSON = "application/json"
_PUBLIC = "public, max-age=0, must-revalidate"


@dataclass(frozen=True)
class Operation:
    """An operation of the interface. `answer` is the type of its answer, or None for a file of `media`."""

    method: str
    path: str  # a rule below PREFIX
    view: Callable[..., Any]
    answer: Any
    parameters: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | type[bytes] | None = None  # bytes: a file, in any media type
    status: int = 200
    stamped: bool = False
    media: str = JSON
    allow: Allow = Allow.ANYONE
    scope: Scope | None = None
    whole: bool = False  # reads with a cursor of the database, which needs a transaction
    keyed: bool = False  # needs an Idempotency-Key
    owned: bool = False  # needs a token, or the secret of the private link

    @property
    def conditional(self) -> bool:
        """Return whether it needs If-Match."""
        return self.method == "PUT"

    @property
    def name(self) -> str:
        return self.view.__name__

    @property
    def summary(self) -> str:
        return (self.view.__doc__ or "").strip().partition("\n")[0]


OPERATIONS: list[Operation] = []
"""All operations, in the order of the document."""


def operation(
    blueprint: Blueprint, method: str, path: str, answer: Any = None, *, allow: Allow = Allow.ANYONE, **options: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function as an operation. `stamped` answers change only with the public record or a setting."""

    def register(view: Callable[..., Any]) -> Callable[..., Any]:
        declared = Operation(method, path, view, answer, allow=allow, **options)
        OPERATIONS.append(declared)

        @functools.wraps(view)
        def called(**values: Any) -> ResponseReturnValue:
            return _call(declared, values)

        blueprint.route(f"{PREFIX}{path}", methods=[method], allow=allow, whole=declared.whole, endpoint=view.__name__)(
            called
        )
        return view

    return register


def prepare(blueprint: Blueprint) -> Blueprint:
    """Add the headers of the interface to every response of a blueprint: limits, other origins, no cookie."""
    csrf.exempt(blueprint)  # tokens are sent in a header, which another site cannot add
    blueprint.before_request(limits.count_request)
    blueprint.after_request(_finish)
    return blueprint


def _call(declared: Operation, values: dict[str, Any]) -> ResponseReturnValue:
    if declared.parameters is not None:
        values["query"] = _read_query(declared.parameters)
    if declared.body is not None:
        values["body"] = request.get_data() if declared.body is bytes else _read_body(declared.body)
    if declared.stamped:
        stamp = page_cache.page_tag("api", request.full_path, *site.get_stamp(db.session()))
        if is_held(stamp):
            return _tagged(Response(status=304), stamp)
        return _tagged(_encode(declared, declared.view(**values)), stamp)
    answer = _encode(declared, declared.view(**values))
    if request.method not in {"GET", "HEAD"} or answer.is_streamed or answer.headers.get("ETag"):
        return answer
    content = sha256(answer.get_data()).hexdigest()[:24]
    return _tagged(Response(status=304) if is_held(content) else answer, content)


def is_held(tag: str) -> bool:
    """Return whether the client has the representation with this tag, compressed or not."""
    return any(held.partition(":")[0] == tag for held in request.if_none_match.as_set(include_weak=True))


def _tagged(answer: Response, tag: str) -> Response:
    answer.set_etag(tag)
    return answer


def _encode(declared: Operation, returned: Any) -> Response:
    if isinstance(returned, Response):
        return returned
    value, status = returned if isinstance(returned, tuple) else (returned, declared.status)
    answer = Response(msgspec.json.encode(value), status, content_type=declared.media)
    if declared.owned:
        answer.set_etag(str(value.revision))
    if isinstance(returned, ListPage) and returned.next:
        following = urlencode({**request.args, "cursor": returned.next})
        answer.headers["Link"] = f'<{request.base_url}?{following}>; rel="next"'
    return answer


def _read_query(kind: type[msgspec.Struct]) -> msgspec.Struct:
    try:
        return msgspec.convert(request.args.to_dict(), kind, strict=False)
    except msgspec.ValidationError as error:
        detail, pointer = _split(str(error))
        problem = FieldError(detail, parameter=pointer.removeprefix("/") or None)
        raise ApiProblem("invalid-parameter", _("A parameter in the web address is not valid."), [problem]) from error


def _read_body(kind: type[Any]) -> Any:
    if request.mimetype != JSON:
        raise ApiProblem("unsupported-media-type", _("Send the request body as application/json."))
    try:
        return msgspec.json.decode(request.get_data(), type=kind)
    except msgspec.ValidationError as error:
        detail, pointer = _split(str(error))
        raise ApiProblem(
            "invalid-body", _("A value in the request body is not valid."), [FieldError(detail, pointer=pointer)]
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ApiProblem("unreadable-body", _("The request body is not valid JSON.")) from error


def _split(message: str) -> tuple[str, str]:
    """Split a message of msgspec into what is wrong, and where, as a JSON pointer.

    >>> _split("Expected `int`, got `str` - at `$.comments[0].body`"), _split("Object missing `key`")
    (('Expected `int`, got `str`', '/comments/0/body'), ('Object missing `key`', ''))
    """
    detail, _dash, path = message.partition(" - at `")
    steps = path.removesuffix("`").removeprefix("$").replace("[", ".").replace("]", "")
    return detail, steps.replace(".", "/")


def _finish(answer: Response) -> Response:
    flask.session.modified = False  # no cookie, whatever the request carried
    head = answer.headers
    head["Access-Control-Allow-Origin"] = "*"
    head["Access-Control-Allow-Methods"] = "GET, POST, PUT, DELETE, OPTIONS"
    head["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Consult-Return, Idempotency-Key, If-Match"
    head["Access-Control-Expose-Headers"] = "ETag, Link, RateLimit, RateLimit-Policy, Retry-After"
    private = limits.has_token() or "Consult-Return" in request.headers or request.method not in {"GET", "HEAD"}
    head.setdefault("Cache-Control", "private, no-store" if private else _PUBLIC)
    answer.vary.update(["Accept-Language", "Authorization"])
    limits.add_headers(answer)
    return answer
