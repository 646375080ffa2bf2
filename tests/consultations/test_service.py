"""Owners set consultations up; the scheduler opens and closes them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations import queries, service
from consult.consultations.model import Consultation, Phase
from consult.consultations.questions import service as questions
from consult.consultations.service import ConsultationTerms
from consult.core.db import db
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.web.access import Role
from consult.documents.service import DraftRefused
from consult.ledger.model import LedgerEntry
from tests import factories
from tests.counting import statements

TEXT = "# Plan\n\n## 1 Aims\n\n1.1 One.\n\n## 2 Means\n\n2.1 Money."
TERMS = ConsultationTerms(
    title="Draft Plan on Drugs",
    body="Secretariat",
    summary="Tell us.",
    purpose="Why.",
    language="en",
    opens_at=datetime(2030, 1, 1, 8, 0, tzinfo=UTC),
    closes_at=datetime(2030, 2, 1, 22, 0, tzinfo=UTC),
    timezone="Europe/Vienna",
    answer_by=date(2030, 6, 1),
    tags=["Health"],
)
BEFORE, DURING, AFTER = TERMS.opens_at - timedelta(days=1), TERMS.opens_at + timedelta(days=1), TERMS.closes_at


@pytest.fixture
def owner(session: Session) -> Account:
    return factories.account(session, Role.POLICYMAKER)


@pytest.fixture
def draft(session: Session, owner: Account) -> Consultation:
    row = service.create(session, owner=owner, terms=TERMS)
    service.write_draft(session, number=row.id, by=owner, text=TEXT)
    return row


def entries(session: Session) -> list[tuple[str, datetime]]:
    session.flush()
    return [(row.kind, row.at) for row in session.scalars(select(LedgerEntry).order_by(LedgerEntry.id))]


def test_a_new_consultation_is_seen_by_its_owner_only(session: Session, owner: Account, draft: Consultation) -> None:
    other = factories.account(session, Role.POLICYMAKER)
    admin = factories.account(session, Role.ADMIN)
    assert [row.id for row in queries.list_editable(session, by=owner).items] == [draft.id]
    assert [row.id for row in queries.list_editable(session, by=admin).items] == [draft.id]
    assert queries.list_editable(session, by=other).items == []
    with pytest.raises(Forbidden):
        queries.get_sheet(session, number=draft.id, by=other)
    with pytest.raises(NotFound):
        queries.get_sheet(session, number=draft.id + 1, by=owner)
    with pytest.raises(NotFound):
        queries.get_published(session, draft.slug)


def test_addresses_are_made_from_titles_and_never_the_same(session: Session, owner: Account) -> None:
    arabic = replace(TERMS, title="خطة العمل")
    slugs = [service.create(session, owner=owner, terms=terms).slug for terms in (TERMS, TERMS, TERMS, arabic, arabic)]
    assert slugs == [
        "draft-plan-on-drugs", "draft-plan-on-drugs-2", "draft-plan-on-drugs-3", "consultation-cn30",
        "consultation-ca30",
    ]  # fmt: skip


def test_no_two_consultations_have_one_code(session: Session, owner: Account) -> None:
    for _old in range(2):
        factories.consultation(session, owner=owner, code="OLD1")  # from before codes were unique
    service.create(session, owner=owner, terms=TERMS, code="nz26")
    for typed in ("NZ26", "nz26", "old1"):
        with pytest.raises(Refusal, match="Another consultation uses this code") as refused:
            service.create(session, owner=owner, terms=TERMS, code=typed)
        assert refused.value.field == "code"
    made = [service.create(session, owner=owner, terms=TERMS).code for _one in range(3)]
    assert made == ["DP30", "DA30", "DB30"]


def test_a_code_can_be_chosen_and_is_four_letters_or_digits(session: Session, owner: Account) -> None:
    assert service.create(session, owner=owner, terms=TERMS).code == "DP30"
    assert service.create(session, owner=owner, terms=TERMS, code="nz26").code == "NZ26"
    with pytest.raises(Refusal) as refused:
        service.create(session, owner=owner, terms=TERMS, code="N-26")
    assert refused.value.field == "code"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"closes_at": TERMS.opens_at}, "closes_at"),
        ({"answer_by": date(2030, 2, 1)}, "answer_by"),
        ({"answer_by": date(2029, 1, 1)}, "answer_by"),
        ({"late_until": TERMS.closes_at}, "late_until"),
    ],
)
def test_dates_that_cannot_be_are_refused(session: Session, owner: Account, change: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        service.create(session, owner=owner, terms=replace(TERMS, **change))
    assert refused.value.field == field


def test_the_promise_is_counted_by_the_clocks_of_the_place(session: Session, owner: Account) -> None:
    # 22:00 UTC on 1 February is 2 February in Tokyo, so 2 February is too early there
    with pytest.raises(Refusal):
        service.create(session, owner=owner, terms=replace(TERMS, timezone="Asia/Tokyo", answer_by=date(2030, 2, 2)))
    service.create(session, owner=owner, terms=replace(TERMS, timezone="Europe/Vienna", answer_by=date(2030, 2, 2)))


def test_of_two_who_edit_at_once_the_second_is_told(session: Session, owner: Account, draft: Consultation) -> None:
    read = draft.revision
    service.edit(session, number=draft.id, by=owner, revision=read, terms=replace(TERMS, summary="First."))
    with pytest.raises(service.ChangedMeanwhile):
        service.edit(session, number=draft.id, by=owner, revision=read, terms=replace(TERMS, summary="Second."))
    assert draft.summary == "First."


def test_only_owner_and_admin_may_change_anything(session: Session, draft: Consultation) -> None:
    other = factories.account(session, Role.POLICYMAKER)
    what = {"number": draft.id, "by": other}
    for attempt in (
        lambda: service.edit(session, **what, revision=1, terms=TERMS),
        lambda: service.write_draft(session, **what, text=TEXT),
        lambda: questions.add(session, **what, asking=questions.QuestionInput("Why?")),
        lambda: service.publish(session, **what),
        lambda: service.extend(session, **what, closes_at=AFTER, answer_by=None, reason="Floods."),
    ):
        with pytest.raises(Forbidden):
            attempt()
    admin = factories.account(session, Role.ADMIN)
    service.publish(session, number=draft.id, by=admin, at=BEFORE)


def test_publishing_freezes_the_text_and_leaves_its_lines_in_the_ledger(
    session: Session, owner: Account, draft: Consultation
) -> None:
    service.publish(session, number=draft.id, by=owner, at=BEFORE)
    assert draft.phase is Phase.UPCOMING
    assert draft.version_id is not None
    assert queries.get_published(session, draft.slug) is draft
    assert entries(session) == [("draft.published", BEFORE), ("consultation.published", BEFORE)]
    with pytest.raises(Conflict):
        service.write_draft(session, number=draft.id, by=owner, text=TEXT)
    with pytest.raises(Conflict):
        service.publish(session, number=draft.id, by=owner, at=BEFORE)


def test_nothing_is_published_without_a_text_or_after_its_time(session: Session, owner: Account) -> None:
    empty = service.create(session, owner=owner, terms=TERMS)
    with pytest.raises(Refusal, match="Add the text of the draft first"):
        service.publish(session, number=empty.id, by=owner, at=BEFORE)
    with pytest.raises(Refusal, match="has passed"):
        service.publish(session, number=empty.id, by=owner, at=AFTER)


def test_published_late_it_opens_at_once_and_not_before_anybody_could_see_it(
    session: Session, owner: Account, draft: Consultation
) -> None:
    service.publish(session, number=draft.id, by=owner, at=DURING)
    session.refresh(draft)
    assert (draft.phase, draft.opens_at) == (Phase.OPEN, DURING)
    assert entries(session)[-1] == ("consultation.opened", DURING)


def test_the_clock_announces_each_move_once_at_the_instant_it_happened(
    session: Session, owner: Account, draft: Consultation
) -> None:
    service.publish(session, number=draft.id, by=owner, at=BEFORE)
    assert [service.announce(session, at=TERMS.opens_at - timedelta(seconds=1)) for _ in range(2)] == [0, 0]
    late = TERMS.opens_at + timedelta(seconds=9)
    assert [service.announce(session, at=late) for _ in range(3)] == [1, 0, 0]
    assert [service.announce(session, at=AFTER) for _ in range(3)] == [1, 0, 0]
    assert entries(session)[-2:] == [
        ("consultation.opened", TERMS.opens_at), ("consultation.closed", TERMS.closes_at),
    ]  # fmt: skip


def test_a_clock_that_slept_over_a_whole_consultation_still_tells_both(
    session: Session, owner: Account, draft: Consultation
) -> None:
    service.publish(session, number=draft.id, by=owner, at=BEFORE)
    assert service.announce(session, at=AFTER) == 2
    assert [kind for kind, _at in entries(session)][-2:] == ["consultation.opened", "consultation.closed"]


def test_two_clocks_at_once_announce_once(app: Flask, session: Session, owner: Account, draft: Consultation) -> None:
    service.publish(session, number=draft.id, by=owner, at=BEFORE)
    session.commit()
    engine = db.engine

    def second_clock() -> int:
        with Session(engine) as other, other.begin():
            return service.announce(other, at=DURING)

    with ThreadPoolExecutor(1) as pool:
        assert service.announce(session, at=DURING) == 1
        second = pool.submit(second_clock)  # waits for the row that the first one holds
        with pytest.raises(TimeoutError):
            second.result(timeout=0.2)
        session.commit()
        assert second.result(timeout=60) == 0
    assert [kind for kind, _at in entries(session)].count("consultation.opened") == 1


def test_time_decides_what_is_open_whatever_was_announced(
    session: Session, owner: Account, draft: Consultation
) -> None:
    assert not draft.is_open(DURING)
    service.publish(session, number=draft.id, by=owner, at=BEFORE)
    assert [draft.is_open(at) for at in (BEFORE, TERMS.opens_at, DURING, AFTER)] == [False, True, True, False]
    assert draft.phase_at(AFTER) is Phase.CLOSED


def test_extending_moves_the_end_later_only_and_is_in_the_ledger_with_its_reason(
    session: Session, owner: Account, draft: Consultation
) -> None:
    later, what = TERMS.closes_at + timedelta(days=7), {"number": draft.id, "by": owner, "reason": "Floods."}

    def extend(closes_at: datetime, answer_by: date | None, at: datetime = DURING, **other: Any) -> None:
        service.extend(session, **{**what, **other}, closes_at=closes_at, answer_by=answer_by, at=at)  # type: ignore[arg-type]

    with pytest.raises(Conflict, match="not published"):
        extend(later, TERMS.answer_by)
    service.publish(session, number=draft.id, by=owner, at=BEFORE)
    for closes_at, answer_by in (
        (TERMS.closes_at, TERMS.answer_by), (DURING, TERMS.answer_by), (later, None), (later, date(2030, 2, 2)),
    ):  # fmt: skip
        with pytest.raises(Refusal):
            extend(closes_at, answer_by)
    with pytest.raises(Refusal, match="Give the reason"):
        extend(later, date(2030, 7, 1), reason=" ")
    extend(later, date(2030, 7, 1))
    assert draft.is_open(AFTER)
    assert entries(session)[-1] == ("consultation.extended", DURING)
    assert session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)).all()[-1].detail["reason"] == "Floods."
    with pytest.raises(Conflict, match="cannot be reopened"):
        extend(later + timedelta(days=1), date(2030, 8, 1), at=later)


@pytest.mark.parametrize(("given", "kept"), [
    ({}, (15, timedelta(days=2))),
    ({"grace_minutes": 60}, (60, timedelta(days=2))),
    ({"late_until": TERMS.closes_at + timedelta(days=8)}, (15, timedelta(days=1))),
    ({"late_until": TERMS.closes_at + timedelta(days=30)}, (15, timedelta(days=23))),
])  # fmt: skip
def test_more_time_never_takes_grace_or_late_time_away(
    session: Session, owner: Account, draft: Consultation, given: dict[str, Any], kept: tuple[int, timedelta]
) -> None:
    draft.grace_minutes, draft.late_until = 15, TERMS.closes_at + timedelta(days=2)
    service.publish(session, number=draft.id, by=owner, at=BEFORE)
    what: dict[str, Any] = {"number": draft.id, "by": owner, "answer_by": date(2030, 7, 1), "reason": "Floods.",
                            "at": DURING, "closes_at": TERMS.closes_at + timedelta(days=7)}  # fmt: skip
    with pytest.raises(Refusal, match="cannot shorten the grace period"):
        service.extend(session, **what, grace_minutes=0)
    near = {**what, "closes_at": TERMS.closes_at + timedelta(hours=1)}
    with pytest.raises(Refusal, match="cannot shorten the time for late submissions"):
        service.extend(session, **near, late_until=TERMS.closes_at + timedelta(hours=2))
    service.extend(session, **what, **given)
    assert draft.late_until is not None
    assert (draft.grace_minutes, draft.late_until - draft.closes_at) == kept
    detail = session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)).all()[-1].detail
    assert (detail["grace_minutes"], detail["late_until"]) == (kept[0], draft.late_until.isoformat())
    assert draft.extensions[-1]["late_until"] == draft.late_until.isoformat()


def test_what_was_never_promised_for_the_late_is_not_promised_by_more_time(
    session: Session, owner: Account, draft: Consultation
) -> None:
    service.publish(session, number=draft.id, by=owner, at=BEFORE)
    service.extend(session, number=draft.id, by=owner, closes_at=TERMS.closes_at + timedelta(days=7),
                   answer_by=date(2030, 7, 1), reason="Floods.", at=DURING)  # fmt: skip
    assert (draft.late_until, draft.grace_minutes, "late_until" in draft.extensions[-1]) == (None, 0, False)


def test_after_publishing_words_may_be_mended_but_dates_stay(
    session: Session, owner: Account, draft: Consultation
) -> None:
    service.publish(session, number=draft.id, by=owner, at=BEFORE)
    session.flush()
    moved = replace(TERMS, closes_at=TERMS.closes_at + timedelta(days=1))
    with pytest.raises(service.AlreadyPublished):
        service.edit(session, number=draft.id, by=owner, revision=draft.revision, terms=moved)
    mended = replace(TERMS, summary="Tell us what works.")
    service.edit(session, number=draft.id, by=owner, revision=draft.revision, terms=mended)
    assert draft.slug == "draft-plan-on-drugs"
    assert entries(session)[-1][0] == "consultation.changed"


def test_a_draft_with_problems_is_refused_as_a_whole(session: Session, owner: Account, draft: Consultation) -> None:
    with pytest.raises(DraftRefused):
        service.write_draft(session, number=draft.id, by=owner, text="word " * 5000)
    assert queries.get_sheet(session, number=draft.id, by=owner).counts["paragraph"] == 2  # type: ignore[index]


def test_lists_cost_the_same_however_many_there_are(session: Session, owner: Account) -> None:
    for _ in range(queries.PAGE + 5):
        service.create(session, owner=owner, terms=TERMS)
    session.flush()
    with statements() as sent:
        first = queries.list_editable(session, by=owner)
        second = queries.list_editable(session, by=owner, after=first.next_cursor)
    assert (len(first.items), len(second.items), second.next_cursor) == (queries.PAGE, 5, None)
    assert len(sent) == 2
