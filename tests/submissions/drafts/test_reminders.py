"""A letter before closing to whoever has written something and not sent it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.organisations import service as organisations
from consult.consultations.followers import service as followers
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.submissions.content.draft import WHOLE_DRAFT, DraftComment
from consult.submissions.drafts import reminders
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.fields import DraftSubmitter
from consult.submissions.model import Draft, NameRule, Stance
from tests import factories
from tests.accounts.letters import Letter, letters


@pytest.fixture
def it(session: Session) -> Consultation:
    return factories.consultation(session, closes_at=now() + timedelta(days=2))


def write(session: Session, it: Consultation, owner: DraftOwner) -> None:
    drafts.save_comment(
        session,
        consultation_id=it.id,
        owner=owner,
        provision_id=WHOLE_DRAFT,
        comment=DraftComment("Low.", Stance.CONCERN),
        seen="",
    )


def remind(session: Session, times: int = 2) -> list[Letter]:
    for _time in range(times):
        reminders.remind(session, at=now())
    session.commit()
    return [letter for letter in letters(session) if letter.subject.startswith("Not sent yet")]


def test_an_account_is_reminded_once_of_what_it_has_not_sent(session: Session, it: Consultation) -> None:
    account = factories.account(session, email="rosa@example.org")
    write(session, it, DraftOwner(account.id))
    written = session.scalars(select(Draft.revision)).one()
    letter, *more = remind(session)
    assert (letter.to, more) == ("rosa@example.org", [])
    assert letter.path == f"/c/{it.slug}/respond"
    assert "Low." not in letter.text + letter.html
    assert session.scalars(select(Draft.revision)).one() == written, "what is written has not changed"
    it.closes_at += timedelta(days=1)
    assert len(remind(session)) == 2, "once for each closing time"


def test_members_are_reminded_of_their_organisations_draft(session: Session, it: Consultation) -> None:
    people = [factories.account(session) for _ in range(3)]
    organisation = factories.organisation(session)
    for person in people[:2]:
        organisations.add_member(session, organisation_id=organisation.id, account_id=person.id)
    write(session, it, DraftOwner(people[0].id, None, organisation.id))
    assert len(remind(session)) == 2


def test_nobody_is_reminded_twice_or_of_nothing(session: Session, it: Consultation) -> None:
    follower, empty = factories.account(session), factories.account(session)
    write(session, it, DraftOwner(follower.id))
    followers.follow(session, consultation=it, account=follower)
    drafts.save_submitter(
        session, consultation_id=it.id, owner=DraftOwner(empty.id), about=DraftSubmitter(NameRule.NONE)
    )
    write(session, it, DraftOwner())
    assert remind(session) == []


def test_nobody_is_reminded_long_before_or_after_it_closes(session: Session, it: Consultation) -> None:
    write(session, it, DraftOwner(factories.account(session).id))
    for closes_at in (now() + timedelta(days=9), now() - timedelta(hours=1)):
        it.closes_at = closes_at
        session.flush()
        assert remind(session) == []
