"""Submissions that an organisation's program sends for supporters, each in the supporter's own name."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Organisation
from consult.accounts.tokens import service as tokens
from consult.accounts.tokens.model import AccessToken
from consult.api.filing.records import ConsentInput, SourceRecord, SubmissionInput, SupporterSubmission
from consult.api.paging import ListPage, PageQuery, make_cursor, read_cursor
from consult.api.problems import ApiProblem
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.ledger import service as ledger
from consult.submissions.model import NameRule, State, Submission
from consult.submissions.supporters import service
from consult.submissions.supporters.model import SupporterConsent
from consult.submissions.values import Submitter


def read_supporter(session: Session, token: AccessToken, given: SubmissionInput) -> Submitter:
    """Return the author of a supporter's submission: never the organisation or its account.

    Raises ApiProblem if the organisation may not send for others, and a Refusal for its own name or a later consent.
    """
    if not tokens.may_file_for_others(session, token.organisation_id):
        raise ApiProblem("not-allowed", _("Your organisation may not send submissions on behalf of supporters."))
    if NameRule(given.name_rule) is NameRule.ORGANISATION:
        raise Refusal(_("A supporter cannot speak for an organisation."), field="name_rule")
    if given.consent is not None and given.consent.given_at > now():
        raise Refusal(_("The date of consent cannot be in the future."), field="consent")
    return Submitter(
        name_rule=NameRule(given.name_rule),
        person_name=given.person_name,
        country=given.country,
        email=given.email,
        language=given.language,
        side=given.side,
        reads=given.language,
        sent_through=session.get_one(Organisation, token.organisation_id).name,
    )


def keep_consent(session: Session, submission: Submission, organisation_id: int, consent: ConsentInput) -> None:
    """Store the consent with the submission."""
    service.keep_consent(
        session,
        submission,
        organisation_id,
        text=consent.text,
        given_at=consent.given_at.isoformat(),
        confirmed=consent.confirmed,
    )


def has_own_link(session: Session, submission: Submission) -> bool:
    """Return whether a supporter got the private link by e-mail. Then the program does not get it."""
    return submission.contact_id is not None and service.find_source(session, submission.id) is not None


def list_sent(session: Session, token: AccessToken, asked: PageQuery) -> ListPage[SupporterSubmission]:
    """Return a page of what the token's organisation sent for supporters, oldest first."""
    mark = {"organisation": token.organisation_id}
    after = read_cursor("supporters", mark, asked.cursor)
    as_of = ledger.head(session) - 1
    rows = session.execute(
        select(Submission.id, Submission.reference, Submission.state, Consultation.slug)
        .join(SupporterConsent, SupporterConsent.submission_id == Submission.id)
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .where(SupporterConsent.organisation_id == token.organisation_id, Submission.id > after)
        .order_by(Submission.id)
        .limit(asked.limit + 1)
    ).all()
    shown = rows[: asked.limit]
    more = make_cursor("supporters", mark, shown[-1].id) if len(rows) > asked.limit else None
    return ListPage([SupporterSubmission(row.reference, row.slug, str(row.state)) for row in shown], as_of, more)


def list_sources(session: Session, consultation_id: int) -> list[SourceRecord]:
    """Return the counts of each organisation that sent submissions for supporters."""
    return [_to_record(each) for each in service.count_sources(session, consultation_id)]


def _to_record(count: service.SupporterCount) -> SourceRecord:
    states: Sequence[int] = [count.states.get(each, 0) for each in (State.PUBLISHED, State.WITHDRAWN, State.ERASED)]
    return SourceRecord(count.organisation, count.sent, *states)
