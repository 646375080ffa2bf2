"""Filing by programs, with the checks of the form: `submissions.service` checks and stores the content."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Organisation
from consult.accounts.tokens.model import AccessToken
from consult.api.filing import supporters, uploads
from consult.api.filing.model import FilingRequest
from consult.api.filing.records import (
    ChangeInput,
    CommentInput,
    ContentInput,
    FilingReceipt,
    OwnSubmission,
    ResponseInput,
    SubmissionInput,
    TokenInfo,
)
from consult.api.paging import ListPage, PageQuery, make_cursor, read_cursor
from consult.api.problems import ApiProblem
from consult.api.reading.queries import to_iso
from consult.consultations.model import Consultation
from consult.core.crypto import commitment, hash_token
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import CONTENT_LANGUAGES, _
from consult.core.web.addresses import public_url
from consult.ledger import service as ledger
from consult.submissions import fields, revisions, service
from consult.submissions.comments import queries as comments_queries
from consult.submissions.drafts import papers, sign_off
from consult.submissions.model import NameRule, Stance, State, Submission
from consult.submissions.values import NewAnswer, NewComment, Submitter, to_submitter
from consult.trace import queries as trace


def file(
    session: Session, consultation: Consultation, token: AccessToken, given: SubmissionInput, *, key: str, body: bytes
) -> tuple[FilingReceipt, bool]:
    """File a submission once for each key, however often it is sent. Return it, and whether this call filed it.

    Raises ApiProblem if the key was used with another body.
    """
    return file_once(session, consultation, token, given, key=key, body=body, contents=None)


def file_once(
    session: Session,
    consultation: Consultation,
    token: AccessToken,
    given: SubmissionInput,
    *,
    key: str,
    body: bytes,
    contents: tuple[list[NewComment], list[NewAnswer]] | None,
) -> tuple[FilingReceipt, bool]:
    """File a submission as `file` does, with `contents` in place of its comments and responses if they are given."""
    scoped = f"api:{token.id}:{key}"
    if (earlier := session.get(FilingRequest, hash_token(scoped))) is not None:
        return _repeat(session, earlier, body), False
    comments, answers = contents or _read_content(session, consultation, given)
    by = supporters.read_supporter(session, token, given) if given.consent else _read_author(session, token, given)
    check_choices(by)
    items = uploads.read_evidence(session, given.evidence, token)
    submission = service.file(
        session, consultation=consultation, by=by, comments=comments, answers=answers, key=scoped, items=items
    )
    values = {"key": hash_token(scoped), "submission_id": submission.id, "body": _commit(submission, body)}
    added = session.execute(insert(FilingRequest).on_conflict_do_nothing().returning(FilingRequest.key), values).first()
    if added is None:  # another connection filed with this key meanwhile
        return _repeat(session, session.get_one(FilingRequest, hash_token(scoped)), body), False
    if given.consent is not None and token.organisation_id is not None:
        supporters.keep_consent(session, submission, token.organisation_id, given.consent)
    return to_receipt(session, submission), True


def _repeat(session: Session, earlier: FilingRequest, body: bytes) -> FilingReceipt:
    submission = session.get_one(Submission, earlier.submission_id)
    if submission.salt is not None and _commit(submission, body) != earlier.body:
        raise ApiProblem("key-used", _("This Idempotency-Key was sent before with a different body."))
    return to_receipt(session, submission)


def _commit(submission: Submission, body: bytes) -> bytes:
    return commitment(submission.salt or b"", body)


def _read_author(session: Session, token: AccessToken, given: SubmissionInput) -> Submitter:
    """Return the author: the token's organisation, else the person as stated."""
    if token.organisation_id is not None and sign_off.needs_two_people(session, token.organisation_id):
        raise Conflict(_("Your organisation requires two people. Ask another member to approve this submission."))
    rule = NameRule.ORGANISATION if token.organisation_id is not None else NameRule(given.name_rule)
    return Submitter(
        name_rule=rule,
        organisation_id=token.organisation_id,
        organisation_name=given.organisation_name,
        person_name=given.person_name,
        country=given.country,
        email=given.email,
        language=given.language,
        side=given.side,
        account_id=token.account_id,
    )


def check_choices(by: Submitter) -> None:
    """Raise a Refusal for a value that the form does not offer, such as an unknown country."""
    for field in fields.FIELDS:
        value = getattr(by, field.name)
        if field.choices is not None and value and value not in dict(field.choices()):
            raise Refusal(_("Choose one of the options"), field=field.name)


def _read_content(
    session: Session, consultation: Consultation, given: ContentInput
) -> tuple[list[NewComment], list[NewAnswer]]:
    tree = comments_queries.get_provision_tree(session, consultation.version_id or 0)
    places = {node.wid: node.id for node in tree.by_id.values()}
    asked = {row.position + 1: row.id for row in comments_queries.list_questions(session, consultation.id)}
    comments = [_read_comment(places, each) for each in given.comments]
    return comments, [_read_response(asked, each) for each in given.responses]


def _read_comment(places: dict[str, int], given: CommentInput) -> NewComment:
    if given.provision is not None and given.provision not in places:
        raise NotFound(_("One comment is on a paragraph that is not in this draft."))
    if (given.stance, given.proposed, given.supports) == (None, None, None):
        raise Refusal(_("First choose the type of each comment."), field="comments")
    if given.proposed is not None and given.provision is None:
        raise Refusal(_("A suggested wording must refer to a paragraph."), field="comments")
    if given.language and given.language not in CONTENT_LANGUAGES:
        raise Refusal(_("Choose one of the options"), field="comments")
    proposed = (given.proposed or "").strip()
    return NewComment(
        places[given.provision] if given.provision else None,
        _read_stance(given),
        f"{proposed}\n\n{given.body}".strip() if given.proposed is not None else given.body,
        given.language or None,
        amendment=len(proposed) if given.proposed is not None else None,
        agrees_with=given.supports,
    )


def _read_stance(given: CommentInput) -> Stance | None:
    """Return the type of a comment. A suggested wording is a change, an empty one a deletion."""
    if given.proposed is not None:
        return Stance.WORDING if given.proposed.strip() else Stance.DROP
    return Stance(given.stance) if given.stance else None


def _read_response(asked: dict[int, int], given: ResponseInput) -> NewAnswer:
    if given.question not in asked:
        raise NotFound(_("One response is to a question that is not in this consultation."))
    return NewAnswer(asked[given.question], given.body, tuple(given.chosen))


def find_by_secret(session: Session, reference: str, secret: str) -> Submission:
    """Return the submission that the secret of a private link opens. Raises ApiProblem."""
    try:
        return service.get_by_author_link(session, reference=reference, secret=secret)
    except NotFound as refusal:
        raise ApiProblem("token-required", refusal.message) from refusal


def find_own(session: Session, reference: str, token: AccessToken) -> Submission:
    """Return the submission if the token's account or organisation filed it.

    Raises NotFound, which does not say whether the submission exists.
    """
    row = service.get_by_reference(session, reference)
    if row.state is State.ERASED or not _is_own(row, token):
        raise NotFound(_("We cannot find a submission with this reference. Check it for typing mistakes."))
    return row


def _is_own(row: Submission, token: AccessToken) -> bool:
    if token.organisation_id is not None:
        return row.organisation_id == token.organisation_id
    return row.account_id == token.account_id and row.organisation_id is None


def change(
    session: Session, submission: Submission, given: ChangeInput, *, revision: int, token: AccessToken | None
) -> OwnSubmission:
    """Replace comments, responses, side and, if given, evidence. Name and address stay as they were sent.

    Raises ApiProblem if the submission changed since that revision.
    """
    if submission.revision != revision:
        raise ApiProblem("changed-since", _("Someone else has just changed this submission. Reload the page."))
    consultation = session.get_one(Consultation, submission.consultation_id)
    organisation = submission.organisation_id
    if organisation is not None and sign_off.needs_two_people(session, organisation):
        raise Conflict(_("Your organisation requires two people. Ask another member to approve this submission."))
    kept = papers.with_text(session, revisions.to_draft_content(session, submission))
    comments, answers = _read_content(session, consultation, given)
    comments += [NewComment(None, None, part, paper=True) for part in kept.paper]
    by = to_submitter(replace(kept.about, side=given.side), account_id=submission.account_id) if kept.about else None
    if by is not None:
        check_choices(by)
    items = kept.evidence if given.evidence is None else uploads.read_evidence(session, given.evidence, token)
    service.amend(
        session,
        submission,
        comments=comments,
        answers=answers,
        by=by,
        items=items,
        reply=given.reply,
    )
    return to_own(session, submission)


def to_own(session: Session, submission: Submission) -> OwnSubmission:
    """Return a submission as its author sees it."""
    return OwnSubmission(**_fields(session, submission))


def to_receipt(session: Session, submission: Submission) -> FilingReceipt:
    """Return a submission with its secret."""
    is_known = submission.salt is not None and not supporters.has_own_link(session, submission)
    secret = (service.author_secret(submission) or "") if is_known else ""
    link = public_url("trace.story", reference=submission.reference, secret=secret) if secret else ""
    return FilingReceipt(**_fields(session, submission), secret=secret, link=link)


def _fields(session: Session, submission: Submission) -> dict[str, Any]:
    consultation = session.get_one(Consultation, submission.consultation_id)
    return {
        "reference": submission.reference,
        "consultation": consultation.slug,
        "state": str(submission.state),
        "received": to_iso(submission.received_at.replace(minute=0, second=0)),
        "revision": submission.revision,
        "note": trace.get_moderator_note(session, submission),
        "page": public_url("trace.public", reference=submission.reference),
    }


def list_own(session: Session, token: AccessToken, asked: PageQuery) -> ListPage[OwnSubmission]:
    """Return a page of what the token's account or organisation filed, oldest first."""
    mark = {"account": token.account_id, "organisation": token.organisation_id}
    after = read_cursor("own", mark, asked.cursor)
    own = (
        Submission.organisation_id == token.organisation_id
        if token.organisation_id is not None
        else (Submission.account_id == token.account_id) & Submission.organisation_id.is_(None)
    )
    as_of = ledger.head(session) - 1
    rows = session.scalars(
        select(Submission)
        .where(own, Submission.id > after, Submission.consultation_id < ledger.PRACTICE)
        .order_by(Submission.id)
        .limit(asked.limit + 1)
    ).all()
    shown = rows[: asked.limit]
    more = make_cursor("own", mark, shown[-1].id) if len(rows) > asked.limit else None
    return ListPage([to_own(session, row) for row in shown], as_of, more)


def describe_token(session: Session, token: AccessToken) -> TokenInfo:
    """Return what a token permits."""
    organisation = session.get(Organisation, token.organisation_id) if token.organisation_id else None
    return TokenInfo(
        token.name, list(token.scopes), organisation.name if organisation else None, to_iso(token.expires_at)
    )
