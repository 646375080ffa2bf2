"""Problem types of the interface: what went wrong, as a status, a name and a title. Source: RFC 9457."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct

from consult.core.errors import Refusal
from consult.core.i18n import N_


@dataclass(frozen=True)
class ProblemType:
    status: int
    title: str  # not translated


PROBLEM_TYPES = {
    "invalid-parameter": ProblemType(400, N_("A parameter is not valid")),
    "invalid-body": ProblemType(422, N_("The request body is not valid")),
    "unreadable-body": ProblemType(400, N_("The request body cannot be read")),
    "unsupported-media-type": ProblemType(415, N_("The request body has the wrong media type")),
    "token-required": ProblemType(401, N_("A valid token is required")),
    "not-allowed": ProblemType(403, N_("Not allowed")),
    "not-found": ProblemType(404, N_("Not found")),
    "method-not-allowed": ProblemType(405, N_("This method is not available here")),
    "conflict": ProblemType(409, N_("The data have changed")),
    "changed-since": ProblemType(412, N_("The submission has changed")),
    "too-large": ProblemType(413, N_("Too large")),
    "refused": ProblemType(422, N_("Data must be corrected first")),
    "key-used": ProblemType(422, N_("This key belongs to another request")),
    "condition-required": ProblemType(428, N_("The If-Match header is required")),
    "too-many-requests": ProblemType(429, N_("Too many requests")),
    "internal": ProblemType(500, N_("Something went wrong on our side")),
    "unavailable": ProblemType(503, N_("Not available at the moment")),
}
_BY_STATUS = {
    400: "invalid-parameter",
    401: "token-required",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    412: "changed-since",
    413: "too-large",
    415: "unsupported-media-type",
    422: "refused",
    428: "condition-required",
    429: "too-many-requests",
    503: "unavailable",
}
"""The problem type of an error that names none."""


class FieldError(Struct, omit_defaults=True):
    """A value that is not valid: a query parameter, or a position in the request body as a JSON pointer."""

    detail: str
    parameter: str | None = None
    pointer: str | None = None


class ProblemDetails(Struct, omit_defaults=True):
    """Problem details. Programs decide by `type`; `title` and `detail` follow Accept-Language."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: list[FieldError] = []
    reference: str | None = None


class ApiProblem(Refusal):
    """A refusal with a problem type of its own."""

    def __init__(self, name: str, message: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.name, self.errors, self.status = name, list(errors), PROBLEM_TYPES[name].status


def name_problem(status: int, error: Exception | None) -> str:
    """Return the name of the problem type for an error response.

    >>> name_problem(404, None), name_problem(418, None), name_problem(422, ApiProblem("key-used", ""))
    ('not-found', 'internal', 'key-used')
    """
    return error.name if isinstance(error, ApiProblem) else _BY_STATUS.get(status, "internal")


def list_field_errors(error: Exception | None, message: str) -> list[FieldError]:
    """Return the invalid values that an error names."""
    if isinstance(error, ApiProblem):
        return error.errors
    if isinstance(error, Refusal) and error.field:
        return [FieldError(message, pointer=f"/{error.field}")]
    return []
