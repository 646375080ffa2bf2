"""Bodies and answers of filing."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from consult.core.languages import DEFAULT_LANGUAGE

Line = Annotated[str, Meta(max_length=200)]
Words = Annotated[str, Meta(max_length=20_000)]
StanceName = Literal["support", "wording", "drop", "evidence"]
SideName = Literal["", "drop", "change", "keep", "neither"]
Number = Annotated[int, Meta(ge=1, le=2**53)]


class CommentInput(Struct, forbid_unknown_fields=True, kw_only=True):
    """A comment on a part of the draft, or on the draft as a whole."""

    body: Words = ""
    provision: Annotated[str | None, Meta(description="Permanent id in the current version. Null: the whole.")] = None
    stance: StanceName | None = None
    language: Annotated[str, Meta(max_length=12, description="Empty: that of the submission.")] = ""
    proposed: Annotated[Words | None, Meta(description="Suggested wording; empty to delete. `body` is the reason.")] = (
        None
    )
    supports: Annotated[Number | None, Meta(description="Id of a comment with a suggested wording.")] = None


class ResponseInput(Struct, forbid_unknown_fields=True, kw_only=True):
    """A response to a question."""

    question: Annotated[int, Meta(ge=1, le=1000)]
    body: Words = ""
    chosen: Annotated[list[Line], Meta(max_length=100)] = []


class SubmissionInput(Struct, forbid_unknown_fields=True, kw_only=True):
    """A submission. What is not given is not stated."""

    comments: Annotated[list[CommentInput], Meta(max_length=500)] = []
    responses: Annotated[list[ResponseInput], Meta(max_length=500)] = []
    name_rule: Literal["organisation", "own", "pseudonym", "none"] = "none"
    person_name: Line = ""
    organisation_name: Annotated[str, Meta(max_length=200, description="Ignored with a token of an organisation.")] = ""
    country: Annotated[str, Meta(max_length=2, description="ISO 3166-1 alpha-2.")] = ""
    language: Annotated[str, Meta(min_length=2, max_length=12)] = DEFAULT_LANGUAGE
    side: Annotated[
        Literal["", "drop", "change", "keep", "neither"],
        Meta(description="What should happen to the draft as a whole."),
    ] = ""
    email: Annotated[str, Meta(max_length=254, description="For the receipt. Never published.")] = ""


class ChangeInput(SubmissionInput, forbid_unknown_fields=True, kw_only=True):
    """The new content. It replaces the comments and responses; evidence stays."""

    reply: Annotated[str, Meta(max_length=5000, description="To the moderator who returned the submission.")] = ""


class OwnSubmission(Struct):
    """A submission as its author sees it."""

    reference: str
    consultation: str
    state: Annotated[str, Meta(description="pending, returned, published, withheld, withdrawn or erased.")]
    received: Annotated[str, Meta(description="The hour, in UTC.")]
    revision: Annotated[int, Meta(description="Send it in If-Match to change the submission.")]
    note: Annotated[str, Meta(description="The last message of a moderator.")]
    page: str


class FilingReceipt(OwnSubmission):
    """A submission with the secret of its private link. Keep the secret: it opens the submission."""

    secret: Annotated[str, Meta(description="For the header Consult-Return. Empty once erased.")]
    link: Annotated[str, Meta(description="The private link. Empty once erased.")]


class TokenInfo(Struct):
    """The token that was sent."""

    name: str
    scopes: list[str]
    organisation: str | None
    expires_at: str
