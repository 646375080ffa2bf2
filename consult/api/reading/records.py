"""Records of public lists: their fields, in the order of the files. Times of people are cut to the hour, in UTC."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Words = Annotated[str, Meta(max_length=1000)]


class CommentRecord(Struct):
    """A published comment on a part of the draft, or a response to a question."""

    id: int
    reference: Annotated[str, Meta(description="Of its submission.")]
    consultation: str
    received: Annotated[str, Meta(description="The hour, in UTC.")]
    provision: Annotated[str | None, Meta(description="Permanent id, the same in every version of the draft.")]
    version: Annotated[int | None, Meta(description="The version that has this provision.")]
    question: Annotated[int | None, Meta(description="Number of the question, from 1.")]
    stance: Annotated[str | None, Meta(description="support, wording, drop, evidence or concern. Null if not stated.")]
    proposes: Annotated[str | None, Meta(description="change, delete, or support of a suggested wording.")]
    body: Annotated[str, Meta(description="The published text. Hidden words are replaced by blocks.")]
    language: str
    words_of_draft: Annotated[str | None, Meta(description="The words that the author selected.")]
    redacted: Annotated[bool, Meta(description="Whether a moderator has hidden words.")]
    name: Annotated[str | None, Meta(description="The name chosen for publication.")]
    kind: Annotated[str, Meta(description="organisation, person or unnamed.")]
    confirmed: Annotated[bool, Meta(description="Filed by a member of the organisation with permission to submit.")]
    organisation_kind: str | None
    country: Annotated[str | None, Meta(description="ISO 3166-1 alpha-2.")]
    page: str


class SubmissionRecord(Struct):
    """A published submission. Its comments are in the list of comments."""

    reference: str
    consultation: str
    received: Annotated[str, Meta(description="The hour, in UTC.")]
    name: Annotated[str | None, Meta(description="The name chosen for publication.")]
    kind: Annotated[str, Meta(description="organisation, person or unnamed.")]
    confirmed: Annotated[bool, Meta(description="Filed by a member of the organisation with permission to submit.")]
    organisation_kind: str | None
    country: Annotated[str | None, Meta(description="ISO 3166-1 alpha-2.")]
    language: str
    side: Annotated[str | None, Meta(description="What the author wants to happen to the draft as a whole.")]
    present: Annotated[int | None, Meta(description="People present, if a facilitator filed it for a group.")]
    comments: int
    page: str


class EvidenceRecord(Struct):
    """Published evidence of a submission: a reference, or a checked file."""

    id: int
    reference: Annotated[str, Meta(description="Of its submission.")]
    consultation: str
    received: Annotated[str, Meta(description="The hour, in UTC.")]
    kind: str
    description: str
    language: str
    year: int | None
    about: Annotated[str | None, Meta(description="The place it is about.")]
    method: str | None
    source: Annotated[str, Meta(description="DOI, web address or ISBN, or the address of the cleaned file.")]
    name: Annotated[str | None, Meta(description="The name chosen for publication.")]
    page: str


class ArgumentRecord(Struct):
    """A point that several statements make about one part of the draft."""

    id: int
    consultation: str
    place: Annotated[str | None, Meta(description="Permanent id of the provision, or q and the id of a question.")]
    stance: str | None
    name: Annotated[str | None, Meta(description="As a person put it.")]
    checked: bool
    phrases: Annotated[list[str], Meta(description="The working label.")]
    authors: int
    excerpts: int
    of_campaign_letter: str | None
    page: str


class ProvisionRecord(Struct):
    """A part, chapter, section, paragraph or point of a version."""

    id: Annotated[str, Meta(description="Permanent id, the same in every version.")]
    parent: Annotated[str | None, Meta(description="Permanent id of the provision it belongs to.")]
    kind: str
    label: Annotated[str, Meta(description="As people say it, such as 2.1(a).")]
    heading: str
    text: str
    depth: int


class VersionRecord(Struct):
    """A published version of the draft."""

    number: int
    published: str
    current: Annotated[bool, Meta(description="Whether new comments are on this version.")]


class ChoiceRecord(Struct):
    """A choice of a question."""

    key: str
    label: str


class QuestionRecord(Struct):
    """A question of a consultation."""

    number: Annotated[int, Meta(description="From 1, as on the page.")]
    wording: str
    hint: str
    kind: Annotated[str, Meta(description="text, one, many, scale or rank.")]
    required: bool
    choices: list[ChoiceRecord]
    other: Annotated[bool, Meta(description="Whether “something else” is a choice.")]


class SubmissionCount(Struct):
    """Every submission is in exactly one of the other numbers."""

    received: int
    published: int
    withheld: int
    withdrawn: int
    erased: int
    pending: Annotated[int, Meta(description="Waiting for review, or returned to the author.")]


class ConsultationRecord(Struct):
    """A public consultation on a draft policy."""

    slug: str
    code: Annotated[str, Meta(description="The beginning of each reference.")]
    title: str
    body: Annotated[str, Meta(description="Name of the public body.")]
    summary: str
    language: str
    phase: Annotated[str, Meta(description="upcoming, open or closed.")]
    opens_at: str
    closes_at: str
    timezone: str
    answer_by: str | None
    takes_part: Annotated[str, Meta(description="anyone, or account: people need an account here.")]
    name_rules: Annotated[list[str], Meta(description="Ways in which authors may be named.")]
    countries: list[str]
    page: str


class ConsultationDetail(ConsultationRecord):
    """A consultation with its purpose and count."""

    purpose: Annotated[str, Meta(description="Markdown.")]
    version: Annotated[int, Meta(description="The version of the draft that people comment on.")]
    count: SubmissionCount


class SubmissionDetail(Struct):
    """A published submission with its comments and evidence."""

    submission: SubmissionRecord
    comments: list[CommentRecord]
    evidence: list[EvidenceRecord]


class ChangeRecord(Struct):
    """A public event."""

    number: Annotated[int, Meta(description="Of its entry in the public record. Send the last one as `after`.")]
    kind: str
    hour: Annotated[str, Meta(description="The hour, in UTC.")]
    consultation: str | None
    reference: Annotated[str | None, Meta(description="Of a submission.")]
    page: str | None


class PublicBodyRecord(Struct):
    """A public body. Numbers are null while it has too few answers to be judged by them."""

    slug: str
    name: str
    code: str | None
    kind: str
    country: str | None
    answers_due: Annotated[int, Meta(description="Answers that were due, or given early.")]
    on_time: int | None
    late: int | None
    overdue: int | None
    page: str


class AnswerRecord(Struct):
    """An official answer to an argument. Fields are those of the CSV file on the answers page."""

    argument: int
    name: str | None
    submitters: int
    answer: str
    answered_on: str
    promised_by: str | None
    deferred_until: str | None
    days_late: int
    leads_to: str | None
    page: str


class CampaignRecord(Struct):
    """A campaign letter with the number of published copies."""

    id: int
    title: str
    letter: Annotated[str | None, Meta(description="As its organiser declared it.")]
    declared: Annotated[bool, Meta(description="Whether its organiser declared it.")]
    published: int
    page: str


class PlanRecord(Struct):
    """A published action plan."""

    slug: str
    title: str
    language: str
    body: str
    first_year: int
    last_year: int
    page: str
