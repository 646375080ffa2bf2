"""The OpenAPI document of all operations, made from their declarations. Source: OpenAPI 3.1."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from consult.accounts.tokens.model import Scope
from consult.api.contract import JSON, OPERATIONS, PREFIX, Operation
from consult.api.links import list_links
from consult.api.problems import ProblemDetails
from consult.core.web.access import Allow

VERSION = "1.0.0"
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
_RULE = re.compile(r"<(?:(?P<kind>int|any)(?:\((?P<given>[^)]*)\))?:)?(?P<name>\w+)>")
_FILE = "application/octet-stream"
_REF = "#/components/schemas/{name}"
_SECURITY = {
    "token": {"type": "http", "scheme": "bearer"},
    "privateLink": {"type": "apiKey", "in": "header", "name": "Consult-Return"},
}
_DESCRIPTION = """\
Everything public on a Consult site as data. Expect new fields: they are not announced. Lists have no highest page:
follow `next` until it is null. Times of submissions are cut to the hour, as on the pages. Errors are problem details
(RFC 9457); decide by `type`."""


def build_document() -> dict[str, Any]:
    """Return the document. It does not depend on the site."""
    used = (kind for each in OPERATIONS for kind in (each.answer, each.body) if kind not in (None, bytes))
    types = [ProblemDetails, *used]
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    answers = dict(zip(map(repr, types), schemas, strict=True))
    paths: dict[str, Any] = {}
    for each in OPERATIONS:
        described = _describe(each, answers)
        paths.setdefault(_RULE.sub(r"{\g<name>}", each.path), {})[each.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Consult",
            "version": VERSION,
            "description": _DESCRIPTION,
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": PREFIX}],
        "security": [{}],
        "tags": [{"name": "reading"}, {"name": "filing"}, {"name": "webhooks"}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _SECURITY},
    }


def write_document() -> bytes:
    """Return the OpenAPI document as stored in docs/openapi.json."""
    return msgspec.json.format(msgspec.json.encode(build_document()), indent=1) + b"\n"


def _describe(each: Operation, answers: Mapping[str, Any]) -> dict[str, Any]:
    schema = answers[repr(each.answer)] if each.answer is not None else {"type": "string"}
    links = list_links(each, OPERATIONS)
    ok = {"description": "Done.", "content": {each.media: {"schema": schema}}, **({"links": links} if links else {})}
    before = {"200": {**ok, "description": "Sent before with the same key and body."}} if each.keyed else {}
    return {
        "operationId": each.name,
        "summary": each.summary,
        "tags": [_name_tag(each)],
        "parameters": [*_list_path(each), *_list_query(each), *_list_headers(each)],
        **({"security": [{name: []} for name in _SECURITY][: 1 + each.owned]} if _is_protected(each) else {}),
        **_describe_body(each, answers),
        "responses": {str(each.status): ok, **before, **{str(status): _error(status) for status in _list_errors(each)}},
    }


def _describe_body(each: Operation, answers: Mapping[str, Any]) -> dict[str, Any]:
    if each.body is None:
        return {}
    content = (
        {_FILE: {"schema": {"type": "string", "format": "binary"}}}
        if each.body is bytes
        else {JSON: {"schema": answers[repr(each.body)]}}
    )
    return {"requestBody": {"content": content, "required": True}}


def _name_tag(each: Operation) -> str:
    if each.scope is Scope.WEBHOOKS:
        return "webhooks"
    return "filing" if _is_protected(each) else "reading"


def _is_protected(each: Operation) -> bool:
    return each.owned or each.allow is Allow.PROGRAM


def _list_errors(each: Operation) -> list[int]:
    """Return the statuses of the errors that an operation may answer with."""
    statuses = {
        400: each.parameters is not None or each.body is not None or each.keyed,
        401: _is_protected(each),
        403: _is_protected(each),
        404: "<" in each.path or each.parameters is not None,
        409: each.method != "GET",
        412: each.conditional,
        413: each.body is not None,
        415: each.body not in (None, bytes),
        422: each.body is not None,
        428: each.conditional,
        429: True,
    }
    return [status for status, is_possible in statuses.items() if is_possible]


def _error(status: int) -> dict[str, Any]:
    return {"description": f"Error {status}.", "content": _PROBLEM}


def _list_path(each: Operation) -> Iterator[dict[str, Any]]:
    for match in _RULE.finditer(each.path):
        schema: dict[str, Any] = {"type": "string"}
        if match["kind"] == "int":
            most = re.search(r"max=(\d+)", match["given"] or "")
            schema = {"type": "integer", "minimum": 0, **({"maximum": int(most[1])} if most else {})}
        elif match["kind"] == "any":
            schema["enum"] = [choice.strip() for choice in match["given"].split(",")]
        yield {"name": match["name"], "in": "path", "required": True, "schema": schema}


def _list_headers(each: Operation) -> Iterator[dict[str, Any]]:
    if each.keyed:
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "minLength": 8, "maxLength": 200, "pattern": "^[!-~]+$"},
        }
    if each.conditional:
        yield {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}}


def _list_query(each: Operation) -> Iterator[dict[str, Any]]:
    if each.parameters is None:
        return
    _ref, components = msgspec.json.schema_components([each.parameters], ref_template=_REF)
    declared = components[each.parameters.__name__]
    for name, schema in declared["properties"].items():
        described = {key: value for key, value in schema.items() if key != "description"}
        about = {"description": schema["description"]} if "description" in schema else {}
        must = {"required": True} if name in declared.get("required", ()) else {}
        yield {"name": name, "in": "query", "schema": described, **about, **must}
