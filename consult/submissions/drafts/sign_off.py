"""Sign-off: members are asked in turn to approve a shared draft. The record is kept with the submission."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import seal, unseal, unseal_address
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text
from consult.mail import service as mail
from consult.submissions.drafts import changes
from consult.submissions.model import Draft
from consult.submissions.organisations.model import SignOff, SignOffAct, SignOffEvent

MOST = 5
"""Maximum number of members asked about a draft."""
MAX_WORDS = 1_000
"""Maximum length of the reason for “not yet”."""


class NotAgreed(Conflict):
    """A member who was asked has not approved the current text, or a second approval is missing."""


@dataclass(frozen=True)
class SignOffStep:
    """A member who was asked. `stale`: the text changed after their approval. `waits`: their reason for “not yet”."""

    account_id: int
    name: str
    agreed_at: datetime | None
    stale: bool
    waits: str = ""

    @property
    def done(self) -> bool:
        return self.agreed_at is not None and not self.stale


@dataclass(frozen=True)
class PastAct:
    """An earlier act of a member. The name is None if their account was deleted."""

    act: SignOffAct
    name: str | None
    at: datetime


@dataclass(frozen=True)
class SignOffState:
    """The state of a draft's sign-off."""

    steps: Sequence[SignOffStep]
    members: Sequence[tuple[int, str]]  # members who can be asked: id and name
    two_people: bool
    asked_by: int | None = None
    signatories: frozenset[int] = frozenset()
    past: Sequence[PastAct] = ()
    texts: Mapping[int, str] = field(default_factory=dict)  # by account id: the draft last approved, as JSON

    @property
    def next(self) -> SignOffStep | None:
        """Return the step whose turn it is, or None."""
        return next((step for step in self.steps if not step.done), None)

    def blocks(self, account_id: int) -> SignOffStep | None:
        """Return a step of another member who has not approved the current text, or None."""
        return next((step for step in self.steps if not step.done and step.account_id != account_id), None)

    def waits_for(self, account_id: int) -> bool:
        """Return whether it is this account's turn: members before it have approved this or an earlier text."""
        for step in self.steps:
            if step.account_id == account_id:
                return not step.done
            if step.agreed_at is None:
                return False
        return False

    def may_end(self, account_id: int) -> bool:
        """Return whether this account may end the sign-off or ask again.

        The member who asked and the signatories may.
        """
        return account_id == self.asked_by or account_id in self.signatories

    @property
    def unsettled(self) -> Sequence[SignOffStep]:
        """Return members to ask again: they approved an earlier text or said “not yet”."""
        return [step for step in self.steps if step.stale or step.waits]

    def lacks_second(self, account_id: int) -> bool:
        """Return whether a second person must approve before this account sends."""
        return self.two_people and not any(step.done and step.account_id != account_id for step in self.steps)


def get_state(session: Session, *, organisation_id: int, consultation_id: int, mark: str) -> SignOffState:
    """Return the sign-off of the draft with this fingerprint."""
    rows = session.execute(
        select(SignOff, Account.display_name)
        .join(Account, Account.id == SignOff.account_id)
        .where(*_open(organisation_id, consultation_id))
        .order_by(SignOff.id)
    ).all()
    events = _list_events(session, organisation_id, consultation_id)
    latest = {
        event.account_id: event for event, _name in events if event.act in (SignOffAct.AGREED, SignOffAct.NOT_YET)
    }
    again = [(event.account_id, event.at) for event, _name in events if event.act is SignOffAct.ASKED_AGAIN]
    steps = [
        SignOffStep(
            row.account_id,
            name,
            row.agreed_at,
            row.agreed_at is not None and row.mark != mark,
            _words(latest.get(row.account_id), SignOffAct.NOT_YET, since=_last_asked(row, again)),
        )
        for row, name in rows
    ]
    members = _list_members(session, organisation_id)
    return SignOffState(
        steps,
        [(row.id, row.display_name) for row in members],
        needs_two_people(session, organisation_id),
        rows[0][0].asked_by if rows else None,
        frozenset(row.id for row in members if row.signatory),
        [PastAct(event.act, name, event.at) for event, name in events],
        {
            event.account_id: _words(event, event.act)
            for event, _name in events
            if event.account_id and event.act is SignOffAct.AGREED
        },
    )


def _last_asked(row: SignOff, again: Sequence[tuple[int | None, datetime]]) -> datetime:
    """Return when a member was last asked. `again` are the repeated requests, which do not go to who makes them."""
    return max([row.asked_at, *(at for by, at in again if by != row.account_id)])


def ask(
    session: Session, *, consultation: Consultation, organisation_id: int, account_ids: Sequence[int], by: Account
) -> None:
    """Ask these members in this order, and e-mail the first.

    They replace those asked before. Raises Forbidden if the account may not end that round, and a Refusal for no
    members, too many, or people who are not members.
    """
    wanted = list(dict.fromkeys(account_ids))
    if not wanted or len(wanted) > MOST:
        raise Refusal(_("Choose who should approve, at most %(most)s people.", most=MOST), field="first")
    members = set(session.scalars(select(Membership.account_id).where(Membership.organisation_id == organisation_id)))
    if not members.issuperset(wanted):
        raise NotFound(_("This person is not a member of the organisation."))
    end(session, consultation_id=consultation.id, organisation_id=organisation_id, by=by)
    asked = [
        SignOff(
            organisation_id=organisation_id,
            consultation_id=consultation.id,
            account_id=account_id,
            asked_by=by.id,
            asked_at=now(),
            mark="",
        )
        for account_id in wanted
    ]
    for row in asked:
        session.add(row)
        session.flush()
    _record(session, organisation_id, consultation.id, SignOffAct.ASKED, by)
    _notify_next(session, consultation, organisation_id, by)


def agree(
    session: Session, *, consultation: Consultation, organisation_id: int, mark: str, text: str, by: Account
) -> None:
    """Record a member's approval of the draft `text` with this fingerprint, and e-mail the next one.

    Raises NotFound, and Conflict if it is not their turn.
    """
    _get_turn(session, organisation_id, consultation.id, mark, by)
    session.execute(
        update(SignOff)
        .where(*_open(organisation_id, consultation.id), SignOff.account_id == by.id)
        .values(agreed_at=now(), mark=mark)
    )
    _record(session, organisation_id, consultation.id, SignOffAct.AGREED, by, text)
    _notify_next(session, consultation, organisation_id, by, mark)


def answer_not_yet(
    session: Session, *, consultation: Consultation, organisation_id: int, mark: str, why: str, by: Account
) -> None:
    """Record why a member does not approve yet, and e-mail it to the member who asked. Raises a Refusal if empty."""
    state = _get_turn(session, organisation_id, consultation.id, mark, by)
    words = clean_text(why).strip()
    if not words or len(words) > MAX_WORDS:
        raise Refusal(_("Say what should change, in at most %(most)s characters.", most=MAX_WORDS), field="why")
    event = _record(session, organisation_id, consultation.id, SignOffAct.NOT_YET, by, words)
    if state.asked_by is not None and state.asked_by != by.id:
        _post(session, consultation, organisation_id, event, state.asked_by, "sign_off_not_yet", by=by, words=words)


def ask_again(
    session: Session, *, consultation: Consultation, organisation_id: int, mark: str, text: str, by: Account
) -> int:
    """E-mail members who approved an earlier text or said “not yet”, with the changes. Return their number.

    Raises Forbidden, and a Refusal if no member has to be asked again.
    """
    state = get_state(session, organisation_id=organisation_id, consultation_id=consultation.id, mark=mark)
    if not state.may_end(by.id):
        raise Forbidden(_("Only the person who asked, or a member with permission to submit, can ask again."))
    wanted = [step for step in state.unsettled if step.account_id != by.id]
    if not wanted:
        raise Refusal(_("The approved text has not changed. You do not need to ask again."))
    event = _record(session, organisation_id, consultation.id, SignOffAct.ASKED_AGAIN, by)
    for step in wanted:
        changed = changes.list_changes(session, consultation, state.texts.get(step.account_id, ""), text)
        _post(session, consultation, organisation_id, event, step.account_id, "sign_off_again", by=by, changes=changed)
    return len(wanted)


def end(session: Session, *, consultation_id: int, organisation_id: int, by: Account) -> None:
    """End the open sign-off. The record of earlier acts is kept. Raises Forbidden."""
    state = get_state(session, organisation_id=organisation_id, consultation_id=consultation_id, mark="")
    if not state.steps:
        return
    if not state.may_end(by.id):
        raise Forbidden(_("Only the person who asked, or a member with permission to submit, can stop the sign-off."))
    session.execute(delete(SignOff).where(*_open(organisation_id, consultation_id)))
    _record(session, organisation_id, consultation_id, SignOffAct.ENDED, by)


def check_agreed(session: Session, *, organisation_id: int, consultation_id: int, mark: str, sender: int) -> None:
    """Raise NotAgreed unless the members asked have approved this text.

    A second person must approve it too if the organisation requires that.
    """
    state = get_state(session, organisation_id=organisation_id, consultation_id=consultation_id, mark=mark)
    if (waits := state.blocks(sender)) is not None:
        raise NotAgreed(_("%(name)s has not approved this text yet.", name=waits.name))
    if state.lacks_second(sender):
        raise NotAgreed(_("Your organisation requires two people. Ask another member to approve first."))


def needs_two_people(session: Session, organisation_id: int) -> bool:
    return bool(session.scalar(select(Organisation.two_people).where(Organisation.id == organisation_id)))


def keep(session: Session, *, organisation_id: int, consultation_id: int, submission_id: int) -> None:
    """Keep the record of approvals with the submission, without the texts."""
    session.execute(update(SignOff).where(*_open(organisation_id, consultation_id)).values(submission_id=submission_id))
    these = (SignOffEvent.organisation_id == organisation_id, SignOffEvent.consultation_id == consultation_id)
    kept = {"submission_id": submission_id, "draft_id": None, "salt": None, "sealed": None}
    session.execute(update(SignOffEvent).where(*these, SignOffEvent.submission_id.is_(None)).values(**kept))


def list_record(session: Session, submission_id: int) -> Sequence[tuple[str, datetime | None]]:
    """Return who was asked about a submission and when they approved, for members who may see it."""
    rows = session.execute(
        select(Account.display_name, SignOff.agreed_at)
        .join(Account, Account.id == SignOff.account_id)
        .where(SignOff.submission_id == submission_id)
        .order_by(SignOff.id)
    )
    return [(row.display_name, row.agreed_at) for row in rows]


def _list_members(session: Session, organisation_id: int) -> Sequence[Any]:
    return session.execute(
        select(Account.id, Account.display_name, Membership.signatory)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.organisation_id == organisation_id)
        .order_by(Account.display_name)
    ).all()


def _open(organisation_id: int, consultation_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        SignOff.organisation_id == organisation_id,
        SignOff.consultation_id == consultation_id,
        SignOff.submission_id.is_(None),
    )


def _get_turn(session: Session, organisation_id: int, consultation_id: int, mark: str, by: Account) -> SignOffState:
    """Return the state for an answer of this account. Raises NotFound, and Conflict if it is not their turn."""
    state = get_state(session, organisation_id=organisation_id, consultation_id=consultation_id, mark=mark)
    if by.id not in {step.account_id for step in state.steps}:
        raise NotFound(_("You were not asked to approve this submission."))
    if not state.waits_for(by.id):
        raise Conflict(_("It is not your turn. Someone before you still has to approve."))
    return state


def _list_events(
    session: Session, organisation_id: int, consultation_id: int
) -> Sequence[tuple[SignOffEvent, str | None]]:
    rows = session.execute(
        select(SignOffEvent, Account.display_name)
        .outerjoin(Account, Account.id == SignOffEvent.account_id)
        .where(
            SignOffEvent.organisation_id == organisation_id,
            SignOffEvent.consultation_id == consultation_id,
            SignOffEvent.submission_id.is_(None),
        )
        .order_by(SignOffEvent.id)
    )
    return [(event, name) for event, name in rows]


def _words(event: SignOffEvent | None, act: SignOffAct, *, since: datetime | None = None) -> str:
    """Return the text stored with an event of this kind, or ""."""
    if event is None or event.act is not act or event.sealed is None or event.salt is None:
        return ""
    return "" if since is not None and event.at < since else unseal(event.sealed, salt=event.salt)


def _record(
    session: Session, organisation_id: int, consultation_id: int, act: SignOffAct, by: Account, words: str = ""
) -> SignOffEvent:
    of = (Draft.organisation_id == organisation_id, Draft.consultation_id == consultation_id)
    salt = secrets.token_bytes(16)
    event = SignOffEvent(
        organisation_id=organisation_id,
        consultation_id=consultation_id,
        draft_id=session.scalar(select(Draft.id).where(*of)),
        account_id=by.id,
        act=act,
        at=now(),
        salt=salt if words else None,
        sealed=seal(words, salt=salt) if words else None,
    )
    session.add(event)
    session.flush()
    return event


def _notify_next(
    session: Session, consultation: Consultation, organisation_id: int, by: Account, mark: str = ""
) -> None:
    """E-mail the member whose turn it is, or once all have approved, the one who asked. Nobody e-mails themselves."""
    state = get_state(session, organisation_id=organisation_id, consultation_id=consultation.id, mark=mark)
    waits = state.next
    told = waits.account_id if waits else state.asked_by
    event = _list_events(session, organisation_id, consultation.id)[-1][0]
    if told is not None and told != by.id and not (waits and (waits.stale or waits.waits)):
        _post(session, consultation, organisation_id, event, told, "sign_off", by=by, agreed=waits is None)


def _post(
    session: Session,
    consultation: Consultation,
    organisation_id: int,
    event: SignOffEvent,
    to: int,
    template: str,
    *,
    by: Account,
    **context: Any,
) -> None:
    account = session.get_one(Account, to)
    mail.post(
        session,
        key=f"{template}:{event.id}:{to}",
        to=unseal_address(account.email_sealed),
        template=f"submissions/mail/{template}",
        language=account.language,
        organisation=session.get_one(Organisation, organisation_id).name,
        number=organisation_id,
        slug=consultation.slug,
        name=by.display_name,
        title=consultation.title,
        body=consultation.body,
        zone=consultation.timezone,
        until=consultation.ends_at(now()),
        **context,
    )
