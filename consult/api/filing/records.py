"""Bodies and answers of filing."""

from __future__ import annotations

from datetime import datetime
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


class EvidenceInput(Struct, forbid_unknown_fields=True, kw_only=True):
    """Evidence: an uploaded file, or a reference to a publication."""

    kind: Literal["study", "statistics", "case_study", "testimony", "legal_text", "other"]
    description: Annotated[str, Meta(min_length=1, max_length=600, description="What it shows. Published.")]
    upload: Annotated[str, Meta(max_length=500, description="From /uploads. Empty: it is a reference.")] = ""
    reference: Annotated[str, Meta(max_length=500, description="DOI, web address or ISBN, if it is no file.")] = ""
    consent: Annotated[
        bool, Meta(description="You may share the file, and the people it is about agree. Required for a file.")
    ] = False
    language: Annotated[str, Meta(max_length=12)] = ""
    year: Annotated[int, Meta(ge=1000, le=2200)] | None = None
    place: Annotated[str, Meta(max_length=120)] = ""
    method: Annotated[str, Meta(max_length=1000, description="How it was established.")] = ""


Evidences = Annotated[list[EvidenceInput], Meta(max_length=20)]


class ContentInput(Struct, forbid_unknown_fields=True, kw_only=True):
    """The content of a submission. Omitted fields are empty, except `language` (English) and `name_rule` (none)."""

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


class ConsentInput(Struct, forbid_unknown_fields=True, kw_only=True):
    """A supporter's consent that your organisation sends the submission in their name."""

    text: Annotated[str, Meta(min_length=1, max_length=5000, description="The words that the person agreed to.")]
    given_at: Annotated[datetime, Meta(tz=True, description="When the person agreed.")]
    confirmed: Annotated[
        Literal["form", "double_opt_in"], Meta(description="double_opt_in: by a link sent to their address.")
    ]


class SubmissionInput(ContentInput, forbid_unknown_fields=True, kw_only=True):
    """A submission. Omitted fields are empty, except `language` (English) and `name_rule` (none)."""

    evidence: Evidences = []
    consent: Annotated[
        ConsentInput | None,
        Meta(description="For a supporter of your organisation. Needs the permission submissions:file:others."),
    ] = None


class SupporterSubmission(Struct):
    """A submission that your organisation sent for a supporter."""

    reference: str
    consultation: str
    state: Annotated[str, Meta(description="pending, returned, published, withheld, withdrawn or erased.")]


class SourceRecord(Struct):
    """Submissions that an organisation sent for its supporters. Each counts once, for its author."""

    organisation: str
    sent: int
    published: int
    withdrawn: Annotated[int, Meta(description="Withdrawn by their authors, or in their name.")]
    erased: Annotated[int, Meta(description="Erased, such as by people who had not agreed.")]


class ChangeInput(ContentInput, forbid_unknown_fields=True, kw_only=True):
    """The new content. It replaces the comments and responses."""

    evidence: Annotated[Evidences | None, Meta(description="Null keeps the present evidence.")] = None

    reply: Annotated[str, Meta(max_length=5000, description="To the moderator who returned the submission.")] = ""


class UploadReceipt(Struct):
    """An uploaded file. It is deleted after a day unless a submission has it."""

    upload: Annotated[str, Meta(description="Send it in `evidence`, with the token that uploaded it.")]
    name: str
    kind: Annotated[str, Meta(description="The detected type, such as pdf.")]
    size: Annotated[int, Meta(description="In bytes.")]


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
