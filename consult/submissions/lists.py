"""What pages show of submissions: comments and submissions by keyset, each page in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from consult.accounts.model import Organisation, OrganisationKind
from consult.consultations.model import Consultation, Question
from consult.core.crypto import token_hash
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode_id, page
from consult.documents import queries as documents
from consult.documents.model import Provision, Version
from consult.ledger.model import Entry
from consult.submissions import statements
from consult.submissions.anchors import Anchor, anchor_of
from consult.submissions.content import spellings
from consult.submissions.made import Carried, Made, made, quote, quoted
from consult.submissions.model import NAMED, Comment, Draft, NameRule, Stance, State, Submission, SubmitterKind
from consult.submissions.places import Place, Places, Row, arrange
from consult.submissions.translations import Rendered, by_comment

PAGE = 20
SaidOn = tuple[Place | None, Question | None, Comment, str]
"""A comment on a place, to a question, or (neither) on the draft as a whole; and the words that it was made on."""
_LAST = 2**31 - 1


@dataclass(frozen=True)
class Voice:
    """A published comment with who said it, under the name that was chosen."""

    id: int
    submission_id: int
    reference: str
    provision_id: int | None
    question_id: int | None
    stance: Stance | None
    body: str
    language: str
    kind: SubmitterKind
    name: str | None
    confirmed: bool  # filed by a member of the organisation; else it only says that it speaks for it
    organisation_kind: OrganisationKind | None
    country: str | None
    present: int | None  # filed by a facilitator for a group: how many were there
    received_at: datetime
    anchor: Anchor | None = None  # the words that it is about; None for the whole of its place
    redactions: list[Any] | None = None  # of the blocks in its body, in their order
    translated: Sequence[Rendered] = ()
    made: Made | None = None  # where it was carried to a later version since

    @property
    def quote(self) -> str:
        """The words that its author chose, as they were then; empty for the whole of its place."""
        return quote(self.made, self.anchor)

    @property
    def as_said(self) -> tuple[Any, ...]:
        """All that is shown of it but who sent it, and when: a key."""
        on = self.anchor, self.quote
        return self.body, self.language, self.stance, on, str(self.redactions), tuple(self.translated)


@dataclass(frozen=True)
class Published:
    """A published submission and its first comments, or all of them."""

    submission: Submission
    organisation_kind: OrganisationKind | None
    comments: Sequence[Comment]
    translated: Mapping[int, Sequence[Rendered]] = field(default_factory=dict)  # by comment
    carried: Carried = field(default_factory=dict)

    def quote(self, comment: Comment) -> str:
        """The words that the author of one of its comments chose."""
        return quoted(comment, self.carried)

    @property
    def as_voice(self) -> Voice:
        """Who said it, as beside a single comment."""
        row = self.submission
        return Voice(
            0, row.id, row.reference, None, None, None, "", row.language, row.submitter_kind, row.public_name,
            row.organisation_id is not None, self.organisation_kind, row.country, row.present,
            row.received_at,
        )  # fmt: skip


_places: dict[int, Places] = {}
_MOST_VERSIONS = 64


def consultation(session: Session, slug: str) -> Consultation:
    """The published consultation at this address. Raises NotFound."""
    row = session.scalar(statements.consultation(), {"slug": slug})
    if row is None or row.version_id is None:
        raise NotFound(_("There is no consultation at this address."))
    return row


def places(session: Session, version_id: int) -> Places:
    """Where one can comment in a version. Published versions never change, so each is read once by a process."""
    if (known := _places.get(version_id)) is not None:
        return known
    found = session.execute(
        select(
            Provision.id, Provision.eid, Provision.parent_id, Provision.chapter, Provision.kind, Provision.number,
            Provision.heading, Provision.text, Provision.depth, Provision.notes, Provision.wid,
            Version.number.label("of"), Version.published_at,
        )
        .join(Version, Version.id == Provision.version_id)
        .where(Provision.version_id == version_id)
        .order_by(Provision.position)
    ).all()  # fmt: skip
    rows: list[Any] = [tuple(row)[:-2] for row in found]
    made = arrange((Row(*row) for row in rows), found[0].of if found else 0)
    if found and found[0].published_at is not None:
        if len(_places) >= _MOST_VERSIONS:
            _places.clear()
        _places[version_id] = made
    return made


def questions(session: Session, consultation_id: int) -> Sequence[Question]:
    return session.scalars(statements.questions(), {"of": consultation_id}).all()


def stamped(session: Session, slug: str, *, at: datetime) -> tuple[Consultation | None, str]:
    """The consultation at this address, and what changes whenever something happened in it, for ETags.

    That is an entry in the ledger, a change of its set-up, or time that moved it on.
    """
    found = session.execute(statements.stamp(), {"slug": slug}).first()
    if found is None:
        return None, ""
    row: Consultation = found[0]
    left = (row.closes_at - at) // timedelta(days=1) if row.closes_at > at else (row.takes(at), row.is_late(at))
    return row, f"{row.id} {row.revision} {found[1]} {found[2]} {found[3]} {row.opens_at <= at} {left}"


def comments_on(session: Session, provision_id: int, *, stance: str = "", after: str | None = None) -> Page[Voice]:
    """Published comments on one provision, newest first."""
    return _voices(session, "provision_id", provision_id, stance=stance, after=after)


def comments_in(
    session: Session, consultation_id: int, *, question_id: int | None = None, whole: bool = False, stance: str = "",
    after: str | None = None,
) -> Page[Voice]:  # fmt: skip
    """Published comments of a consultation, newest first: all of them, on the draft as a whole, or to a question."""
    if question_id is not None:
        return _voices(session, "question_id", question_id, stance=stance, after=after)
    # An answer to a question is of no kind, and is not a comment whose kind was not said.
    only = "whole" if whole else "said" if stance == "unsaid" else ""
    return _voices(session, "consultation_id", consultation_id, only=only, stance=stance, after=after)


def margin(session: Session, provision_ids: Sequence[int], *, each: int = 1) -> dict[int, list[Voice]]:
    """The newest published comments on each of some provisions: one index look-up per provision, one statement."""
    if not provision_ids:
        return {}
    found: dict[int, list[Voice]] = {}
    for row in session.execute(statements.margin(each), {"on": list(provision_ids)}):
        voice = _spoken(row)
        found.setdefault(voice.provision_id or 0, []).append(voice)
    return found


def comments_at(
    session: Session, provision_ids: Collection[int], *, stance: str = "", after: str | None = None
) -> Page[Voice]:
    """Published comments on any of some provisions, newest first: one index look-up per provision, one statement."""
    wanted = statements.wanted()
    latest = select(Comment.id).where(Comment.provision_id == wanted.c.id, Comment.shown)
    if stance:
        kind = Stance(stance) if stance in set(Stance) else None
        latest = latest.where(Comment.stance == kind if kind else Comment.stance.is_(None))
    if (last := decode_id(after)) is not None:
        latest = latest.where(Comment.id < last)
    ordered = latest.order_by(Comment.provision_id.desc(), Comment.id.desc()).limit(PAGE + 1).lateral("latest")
    newest = select(ordered.c.id).select_from(wanted).join(ordered, true())
    query = statements.voice().where(Comment.id.in_(newest)).order_by(Comment.id.desc()).limit(PAGE + 1)
    rows = session.execute(query, {"on": sorted(provision_ids)})
    return page([_spoken(row) for row in rows], PAGE, lambda voice: [voice.id])


def on_provisions(session: Session, consultation_id: int, *, after: str | None = None, size: int = 100) -> Page[Voice]:
    """Published comments on the words of a draft, newest first."""
    return _voices(session, "consultation_id", consultation_id, only="placed", after=after, size=size)


def voice(session: Session, consultation_id: int, comment_id: int) -> Voice:
    """One published comment on the words of a draft. Raises NotFound."""
    wanted = (Comment.id == comment_id, Comment.consultation_id == consultation_id, Comment.provision_id.is_not(None))
    row = session.execute(statements.voice().where(Comment.shown, *wanted)).first()
    if row is None:
        raise NotFound(_("There is no published comment at this address."))
    return _spoken(row)


def voices(session: Session, comment_ids: Sequence[int]) -> dict[int, Voice]:
    """Those of some comments that are published, by id."""
    rows = session.execute(statements.chosen(), {"of": list(comment_ids)})
    return {row.id: _spoken(row) for row in rows}


def places_of(session: Session, version_id: int, provision_ids: Collection[int]) -> dict[int, Place]:
    """Places by id: of a version, and of others (which they say) where words were left on those or carried to them."""
    here = places(session, version_id)
    found = {wanted: here.by_id[wanted] for wanted in provision_ids if wanted in here.by_id}
    elsewhere = set(provision_ids) - found.keys()
    known = list(_places.values())
    if elsewhere and (unknown := elsewhere.difference(*(other.by_id for other in known))):
        others = select(Provision.version_id).where(Provision.id.in_(unknown)).distinct()
        known += [places(session, other) for other in session.scalars(others).all()]
    return found | {wanted: other.former(wanted) for other in known for wanted in elsewhere & other.by_id.keys()}


def carried(voices: Iterable[Voice]) -> Carried:
    return {voice.id: voice.made for voice in voices if voice.made}


def worded_before(session: Session, version_id: int, carried: Carried) -> dict[int, Place]:
    """What comments were made on, by their ids, where those words were others than the words they stand at now."""
    wanted = {number for one in carried.values() for number in (one.was, one.now)}
    found = places_of(session, version_id, wanted) if carried else {}
    pairs = {number: (found.get(one.was), found.get(one.now)) for number, one in carried.items()}
    return {number: was for number, (was, now) in pairs.items() if was and now and was.words != now.words}


def former(session: Session, row: Consultation, provision_ids: Collection[int]) -> dict[int, Place]:
    """Those of some ids, from wherever, that are places in earlier published versions of a consultation's draft."""
    there = select(Provision.id).join(Version, Version.id == Provision.version_id).where(
        Provision.id.in_(provision_ids), Version.document_id == row.document_id, Version.published_at.is_not(None),
        Version.id != row.version_id,
    )  # fmt: skip
    return places_of(session, row.version_id or 0, session.scalars(there).all()) if provision_ids else {}


def place_in(session: Session, row: Consultation, key: str, version: int | None = None) -> Place:
    """The place that an address names in a version; where none is given, in the newest that has it. Raises NotFound."""
    here = places(session, row.version_id or 0)
    if version in (None, here.number) and (found := here.find(key)) is not None:
        return found
    for other in reversed(documents.versions(session, row.document_id)):
        if other.number == version or (version is None and other.id != row.version_id):
            former = places(session, other.id)
            if (found := former.find(key)) is not None:
                return former.former(found.id)
    raise NotFound(_("This draft has no paragraph with that number."))


def anchored(session: Session, provision_ids: Sequence[int], *, each: int = 3) -> dict[int, list[Anchor]]:
    """The newest published anchors in each of some provisions: one index look-up per provision, one statement."""
    if not provision_ids:
        return {}
    found: dict[int, list[Anchor]] = {}
    for row in session.execute(statements.anchored(each), {"on": list(provision_ids)}):
        found.setdefault(row.id, []).append(Anchor(**row.anchor))
    return found


def published(session: Session, consultation_id: int, *, after: str | None = None, each: int = 2) -> Page[Published]:
    """Published submissions, newest first, with up to `each` of their comments and one more where there are more."""
    query = (
        select(Submission, Organisation.kind)
        .outerjoin(Organisation, Organisation.id == Submission.organisation_id)
        .where(Submission.consultation_id == consultation_id, Submission.state == State.PUBLISHED)
        .order_by(Submission.id.desc())
        .limit(PAGE + 1)
    )
    if (last := decode_id(after)) is not None:
        query = query.where(Submission.id < last)
    rows = session.execute(query).all()
    found = page(rows, PAGE, lambda row: [row[0].id])
    wanted = [row[0].id for row in found.items]
    said, translated, carried = translated_comments(session, wanted, upto=each)
    items = [Published(row[0], row[1], said.get(row[0].id, []), translated, carried) for row in found.items]
    return Page(items, found.next_cursor)


def one_published(session: Session, consultation_id: int, reference: str) -> Published:
    """One published submission, whole. Raises NotFound alike for one that is not there and one that is not public."""
    row = session.execute(
        select(Submission, Organisation.kind)
        .outerjoin(Organisation, Organisation.id == Submission.organisation_id)
        .where(Submission.reference.in_(spellings(reference)), Submission.consultation_id == consultation_id)
    ).first()
    if row is None or row[0].state is not State.PUBLISHED:
        raise NotFound(_("No published submission has this reference. It may be waiting for review."))
    said, translated, carried = translated_comments(session, [row[0].id])
    return Published(row[0], row[1], said.get(row[0].id, []), translated, carried)


def translated_comments(
    session: Session, submission_ids: Sequence[int], *, upto: int = _LAST
) -> tuple[dict[int, list[Comment]], dict[int, Sequence[Rendered]], Carried]:
    """Comments by submission, in their order, up to a position; by comment, translations, and how it was carried."""
    said: dict[int, list[Comment]] = {}
    translated: dict[int, Sequence[Rendered]] = {}
    carried: dict[int, Made] = {}
    for comment, rendered, found in session.execute(statements.comments(), {"of": submission_ids, "upto": upto}):
        said.setdefault(comment.submission_id, []).append(comment)
        translated |= by_comment(rendered)
        if (before := made(found, comment.provision_id)) is not None:
            carried[comment.id] = before
    return said, translated, carried


def comments_of(session: Session, submission_id: int) -> Sequence[Comment]:
    """What a submission says, in its order."""
    return session.scalars(
        select(Comment).where(Comment.submission_id == submission_id).order_by(Comment.position)
    ).all()


def said(session: Session, row: Consultation, submission: Submission) -> Sequence[SaidOn]:
    """What a submission says, in its order, each with what it is on now, and with the words that it was made on."""
    found, _rendered, carried = translated_comments(session, [submission.id])
    comments = found.get(submission.id, [])
    then = worded_before(session, row.version_id or 0, carried)
    on = places_of(session, row.version_id or 0, {one.provision_id for one in comments if one.provision_id})
    asked = {question.id: question for question in questions(session, row.id)}
    places = [(one, then.get(one.id) or on.get(one.provision_id or 0)) for one in comments]
    return [
        (place, asked.get(one.question_id or 0), one, quoted(one, carried) or (place.text if place else ""))
        for one, place in places
    ]


def recorded(session: Session, submission: Submission) -> tuple[str, datetime]:
    """The fingerprint that the ledger has of the submission as it was last sent in, and since when it has it."""
    found = session.execute(
        select(Entry.commitment, Entry.at)
        .where(Entry.subject_id == submission.id, Entry.kind.startswith("submission."), Entry.commitment.is_not(None))
        .order_by(Entry.id.desc())
        .limit(1)
    ).first()
    return (found[0].hex(), found[1]) if found and found[0] else ("", submission.received_at)


def mine(session: Session, account_id: int, *, after: str | None = None) -> Page[tuple[Submission, Consultation]]:
    """What an account has sent, newest first, with the consultation each was sent to."""
    query = (
        select(Submission, Consultation)
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .where(Submission.account_id == account_id)
        .order_by(Submission.id.desc())
        .limit(PAGE + 1)
    )
    if (last := decode_id(after)) is not None:
        query = query.where(Submission.id < last)
    rows = [(row[0], row[1]) for row in session.execute(query)]
    return page(rows, PAGE, lambda row: [row[0].id])


def drafts_of(session: Session, account_id: int, tokens: Collection[str] = ()) -> Sequence[tuple[Draft, Consultation]]:
    """What an account is writing, the last touched first; also what it began before signing in, by its `tokens`."""
    begun = Draft.account_id.is_(None) & Draft.token.in_([token_hash(token) for token in tokens])
    rows = session.execute(
        select(Draft, Consultation)
        .join(Consultation, Consultation.id == Draft.consultation_id)
        .where((Draft.account_id == account_id) | begun if tokens else Draft.account_id == account_id)
        .order_by(Draft.updated_at.desc())
        .limit(PAGE)
    )
    return list({row[1].id: (row[0], row[1]) for row in reversed(rows.all())}.values())[::-1]


def _voices(
    session: Session, of: str, number: int, *, only: str = "", stance: str = "", after: str | None, size: int = PAGE
) -> Page[Voice]:
    """Those whose column `of` is this number, newest first; of those, one of the kinds of _ONLY."""
    last = decode_id(after)
    kind = Stance(stance) if stance in set(Stance) else None
    query = statements.listed(of, only, bool(stance), kind, last is not None, size)
    rows = [_spoken(row) for row in session.execute(query, {"of": number, "last": last})]
    return page(rows, size, lambda voice: [voice.id])


def _spoken(row: Any) -> Voice:
    names = dict.fromkeys(NAMED, row.person_name) | {NameRule.ORGANISATION: row.organisation_name}
    return Voice(
        row.id, row.submission_id, row.reference, row.provision_id, row.question_id, row.stance, row.body,
        row.language, row.submitter_kind, names.get(row.name_rule), row.organisation_id is not None, row.kind,
        row.country, row.present, row.received_at, anchor_of(row.anchor), row.redactions,
        by_comment(row.translated).get(row.id, ()), made(row.made, row.provision_id),
    )  # fmt: skip
