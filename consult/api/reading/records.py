"""Records of public lists: their fields, in the order of the files. Times of people are cut to the hour, in UTC."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Words = Annotated[str, Meta(max_length=1000)]


class CommentRecord(Struct):
    """A published comment on a part of the draft, or a response to a question."""

    id: Annotated[int, Meta(description="Number of the comment. It does not change.")]
    reference: Annotated[str, Meta(description="Of its submission.")]
    consultation: Annotated[str, Meta(description="The last part of the web address of its consultation.")]
    received: Annotated[str, Meta(description="The hour, in UTC.")]
    provision: Annotated[str | None, Meta(description="Permanent id, the same in every version of the draft.")]
    version: Annotated[int | None, Meta(description="The version that has this provision.")]
    question: Annotated[int | None, Meta(description="Number of the question, from 1.")]
    stance: Annotated[str | None, Meta(description="support, wording, drop, evidence or concern. Null if not stated.")]
    proposes: Annotated[str | None, Meta(description="change, delete, or support of a suggested wording.")]
    body: Annotated[str, Meta(description="The published text. Hidden words are replaced by blocks.")]
    language: Annotated[str, Meta(description="Language code of the text, such as en.")]
    words_of_draft: Annotated[str | None, Meta(description="The words that the author selected.")]
    redacted: Annotated[bool, Meta(description="Whether a moderator has hidden words.")]
    name: Annotated[str | None, Meta(description="The name chosen for publication.")]
    kind: Annotated[str, Meta(description="organisation, person or unnamed.")]
    confirmed: Annotated[bool, Meta(description="Filed by a member of the organisation with permission to submit.")]
    organisation_kind: Annotated[str | None, Meta(description="Type of the organisation, such as ngo.")]
    country: Annotated[str | None, Meta(description="ISO 3166-1 alpha-2.")]
    page: Annotated[str, Meta(description="The web address of the page that shows it.")]


class SubmissionRecord(Struct):
    """A published submission. Its comments are in the list of comments."""

    reference: Annotated[str, Meta(description="Reference of the submission.")]
    consultation: Annotated[str, Meta(description="The last part of the web address of its consultation.")]
    received: Annotated[str, Meta(description="The hour, in UTC.")]
    name: Annotated[str | None, Meta(description="The name chosen for publication.")]
    kind: Annotated[str, Meta(description="organisation, person or unnamed.")]
    confirmed: Annotated[bool, Meta(description="Filed by a member of the organisation with permission to submit.")]
    organisation_kind: Annotated[str | None, Meta(description="Type of the organisation, such as ngo.")]
    country: Annotated[str | None, Meta(description="ISO 3166-1 alpha-2.")]
    language: Annotated[str, Meta(description="Language code of the submission, such as en.")]
    side: Annotated[str | None, Meta(description="What the author wants to happen to the draft as a whole.")]
    present: Annotated[int | None, Meta(description="People present, if a facilitator filed it for a group.")]
    comments: Annotated[int, Meta(description="Number of its published comments and responses.")]
    sent_through: Annotated[str | None, Meta(description="The organisation whose program sent it for its author.")]
    page: Annotated[str, Meta(description="The web address of the page that shows it.")]


class EvidenceRecord(Struct):
    """Published evidence of a submission: a reference, or a checked file."""

    id: Annotated[int, Meta(description="Number of the evidence. It does not change.")]
    reference: Annotated[str, Meta(description="Of its submission.")]
    consultation: Annotated[str, Meta(description="The last part of the web address of its consultation.")]
    received: Annotated[str, Meta(description="The hour, in UTC.")]
    kind: Annotated[str, Meta(description="Type of the evidence, such as study.")]
    description: Annotated[str, Meta(description="What it shows, in the author's words.")]
    language: Annotated[str, Meta(description="Language code of the description.")]
    year: Annotated[int | None, Meta(description="Year of the evidence.")]
    about: Annotated[str | None, Meta(description="The place it is about.")]
    method: Annotated[str | None, Meta(description="Method of a study.")]
    source: Annotated[str, Meta(description="DOI, web address or ISBN, or the address of the cleaned file.")]
    name: Annotated[str | None, Meta(description="The name chosen for publication.")]
    page: Annotated[str, Meta(description="The web address of the page that shows it.")]


class ArgumentRecord(Struct):
    """A point that several statements make about one part of the draft."""

    id: Annotated[int, Meta(description="Number of the argument. It does not change.")]
    consultation: Annotated[str, Meta(description="The last part of the web address of its consultation.")]
    place: Annotated[str | None, Meta(description="Permanent id of the provision, or q and the id of a question.")]
    stance: Annotated[str | None, Meta(description="support, wording, drop, evidence or concern. Null if not stated.")]
    name: Annotated[str | None, Meta(description="As a person put it.")]
    checked: Annotated[bool, Meta(description="Whether a person checked it. Others are not listed.")]
    phrases: Annotated[list[str], Meta(description="The working label.")]
    authors: Annotated[int, Meta(description="Number of submissions that make the argument.")]
    excerpts: Annotated[int, Meta(description="Number of statements that make the argument.")]
    of_campaign_letter: Annotated[
        str | None, Meta(description="demand or opening: the part of a campaign letter that it is. Null for others.")
    ]
    page: Annotated[str, Meta(description="The web address of the page that shows it.")]


class ResponseRecord(Struct):
    """A published response in words to a question. The first columns are those that `themefinder` reads."""

    response_id: Annotated[int, Meta(description="Number of the response. It does not change.")]
    response: Annotated[str, Meta(description="The published text. Hidden words are replaced by blocks.")]
    question: Annotated[int, Meta(description="Number of the question, from 1.")]
    reference: Annotated[str, Meta(description="Of its submission.")]
    received: Annotated[str, Meta(description="The hour, in UTC.")]
    language: Annotated[str, Meta(description="Language code of the text, such as en.")]
    kind: Annotated[str, Meta(description="organisation, person or unnamed.")]
    organisation_kind: Annotated[str | None, Meta(description="Type of the organisation, such as ngo.")]
    country: Annotated[str | None, Meta(description="ISO 3166-1 alpha-2.")]
    page: Annotated[str, Meta(description="The web address of the page that shows it.")]


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
    """The number of submissions by state. The other numbers add up to `received`."""

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
    """A public body. Its counts of answers are null while there are too few to publish."""

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


class CountryFactRecord(Struct):
    """A dated fact about a country with its source: a treaty action, a law, a schedule or a judgment."""

    id: int
    country: Annotated[str, Meta(description="ISO 3166-1 alpha-2.")]
    kind: str
    treaty: Annotated[str | None, Meta(description="Id of the treaty in the vocabulary of treaties.")]
    title: str | None
    text: str | None
    language: str
    date: Annotated[str, Meta(description="ISO 8601. Only the part named by `precision` is known.")]
    precision: str
    source: str
    checked_on: Annotated[str | None, Meta(description="Day on which a person compared it with the source.")]
    replaced_by: int | None
    page: str


class RecommendationRecord(Struct):
    """A recommendation to a country, with its status and the actions that answer it."""

    id: int
    country: Annotated[str, Meta(description="ISO 3166-1 alpha-2.")]
    source: str
    document: Annotated[str, Meta(description="Symbol of the document, such as A/HRC/59/15.")]
    number: str
    text: str
    language: str
    states: Annotated[list[str], Meta(description="Codes of the recommending States.")]
    position: str
    status: Annotated[str, Meta(description="Computed from bodies and actions: nobody, no_action, late, done, …")]
    bodies: Annotated[list[str], Meta(description="Slugs of the bodies that answer.")]
    actions: Annotated[list[str], Meta(description="Web addresses of the actions.")]
    page: str


class MembershipRecord(Struct):
    """A membership of a country, or of another body, in a body."""

    body: Annotated[str, Meta(description="Slug of the body.")]
    country: str | None
    member: Annotated[str | None, Meta(description="Slug of the member, if it is a body.")]
    since: str | None
    until: str | None
    source: str
    checked_on: str | None


class TermRecord(Struct):
    """A term of a vocabulary. Names are by language code."""

    id: Annotated[str, Meta(description="Web address that identifies the term.")]
    notation: str
    broader: Annotated[str | None, Meta(description="Id of the term that it belongs to.")]
    names: dict[str, str]
    other_names: dict[str, list[str]]


class TaxonomyRecord(Struct):
    """A vocabulary, such as treaties or topics."""

    name: Annotated[str, Meta(description="Its name in web addresses.")]
    id: Annotated[str, Meta(description="Web address that identifies the vocabulary.")]
    names: dict[str, str]
    page: str


class TaxonomyDetail(TaxonomyRecord):
    """A vocabulary with its terms, each after its broader term."""

    terms: list[TermRecord]


class AmendmentRecord(Struct):
    """A suggested wording of a paragraph, in the order of the draft."""

    comment: Annotated[int, Meta(description="Id of the comment that suggests it.")]
    reference: Annotated[str, Meta(description="Of its submission.")]
    name: Annotated[str | None, Meta(description="The name chosen for publication.")]
    provision: Annotated[str, Meta(description="Permanent id of the paragraph.")]
    text: Annotated[str, Meta(description="The paragraph when the wording was suggested.")]
    proposed: Annotated[str, Meta(description="The suggested wording. Empty: delete the paragraph.")]
    reason: str
    language: str
    supporters: Annotated[int, Meta(description="Other published submissions that support it.")]
    collides_with: Annotated[list[int], Meta(description="Ids of comments that change the same words differently.")]
    adopted: Annotated[bool, Meta(description="Whether the current version has the wording.")]
    page: str


class DecisionRecord(Struct):
    """An entry of the public decision log."""

    number: Annotated[int, Meta(description="Of its entry in the public record.")]
    hour: Annotated[str, Meta(description="The hour, in UTC.")]
    decision: Annotated[str, Meta(description="Such as published, returned, withheld or appeal.accepted.")]
    reason: Annotated[str | None, Meta(description="Code of the reason.")]
    consultation: str
    reference: Annotated[str, Meta(description="Of the submission.")]
    policy: Annotated[int | None, Meta(description="Version of the moderation policy that was applied.")]
    hidden: Annotated[int, Meta(description="Passages that the decision hides.")]
    outcome: Annotated[str | None, Meta(description="Outcome of a content report.")]
    moderated_elsewhere: bool
    second_reader: Annotated[bool, Meta(description="Whether two people made the decision.")]
    page: str


class StatisticsGroup(Struct):
    """Decisions on submissions with one value of a dimension."""

    dimension: Annotated[str, Meta(description="queue, reason, language or stance.")]
    value: str
    decisions: dict[str, int]


class StatisticsRecord(Struct):
    """Statistics of moderation. Small counts are left out and others are rounded."""

    smallest: Annotated[int, Meta(description="Smaller counts are left out.")]
    rounded_to: int
    counts: Annotated[dict[str, int], Meta(description="By kind of decision, appeal or report.")]
    half_within_minutes: Annotated[int | None, Meta(description="Half of the first decisions came within this time.")]
    groups: list[StatisticsGroup]
