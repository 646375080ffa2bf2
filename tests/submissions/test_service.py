"""Filing, deciding, amending, withdrawing and erasing, as seen in rows, books, ledger and letters."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Membership
from consult.consultations.model import Consultation, Phase, Question
from consult.core.clock import now
from consult.core.crypto import blind_index, commitment, seal
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.ledger.model import Kind, LedgerEntry
from consult.mail.model import Letter
from consult.submissions import queries, revisions, service
from consult.submissions import values as submissions_values
from consult.submissions.filing_rules import ConsultationClosed, NothingToFile, NotYetOpen
from consult.submissions.model import (
    Comment,
    Contact,
    FormerWords,
    NameRule,
    State,
    Submission,
    SubmitterKind,
    Translation,
)
from consult.submissions.service import NewAnswer, NewComment, Submitter, TransitionNotAllowed
from tests import factories, filing
from tests.accounts.letters import letters

NOBODY = Submitter()


def on(session: Session, consultation: Consultation, number: str, body: str = "Sixty per cent is low.") -> NewComment:
    return filing.comment(session, consultation, body, on=number)


def file(session: Session, consultation: Consultation, by: Submitter = NOBODY, **values: object) -> Submission:
    given = {"comments": [on(session, consultation, "1.1")], "key": "k", **values}
    return service.file(session, consultation=consultation, by=by, **given)  # type: ignore[arg-type]


def entries(session: Session, submission: Submission) -> list[LedgerEntry]:
    return list(
        session.scalars(select(LedgerEntry).where(LedgerEntry.subject_id == submission.id).order_by(LedgerEntry.id))
    )


def test_what_is_filed_waits_for_review_and_is_in_the_books_and_in_the_ledger(session: Session) -> None:
    consultation = factories.consultation(session)
    filed = file(session, consultation)
    assert filed.state is State.PENDING
    assert queries.audit(session, consultation.id) == queries.Books(received=1, pending=1)
    assert [entry.kind for entry in entries(session, filed)] == [Kind.RECEIVED]


def test_a_reference_can_be_read_aloud_and_starts_with_the_consultations_code(session: Session) -> None:
    filed = file(session, factories.consultation(session, code="DP27"))
    code, first, last = filed.reference.split("-")
    assert (code, len(first), len(last)) == ("DP27", 4, 2)
    assert not set(first + last) & set("ILOU")


def test_a_reference_that_is_taken_is_drawn_again(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    consultation = factories.consultation(session)
    taken = file(session, consultation).reference
    drawn = iter([taken, taken, "DP27-AAAA-BB"])
    monkeypatch.setattr(submissions_values, "reference", lambda code: next(drawn))
    assert file(session, consultation, key="other").reference == "DP27-AAAA-BB"


def test_the_same_intention_files_once_whatever_else_is_said(session: Session) -> None:
    consultation = factories.consultation(session)
    first = file(session, consultation, key="draft 7")
    again = file(session, consultation, key="draft 7", comments=[on(session, consultation, "1.2", "Other words")])
    assert again is first
    assert queries.audit(session, consultation.id).received == 1


def test_the_ledger_commits_to_the_words_with_a_salt(session: Session) -> None:
    consultation = factories.consultation(session)
    filed = file(session, consultation)
    said = [{"on": "chp_1__para_1", "stance": "concern", "language": "en", "body": "Sixty per cent is low."}]
    record = submissions_values.canonical_bytes(
        reference=filed.reference, language="en", name_rule=NameRule.NONE, name=None, country=None, comments=said
    )
    assert entries(session, filed)[0].commitment == commitment(filed.salt or b"", record)
    assert len(filed.salt or b"") == 32


def test_an_address_is_sealed_and_gets_a_receipt_with_the_private_link(session: Session) -> None:
    filed = file(session, factories.consultation(session), replace(NOBODY, email="ana@example.org"))
    contact = session.get_one(Contact, filed.contact_id)
    assert b"ana" not in contact.email_sealed
    assert session.scalars(select(Letter.key)).all() == [f"receipt:{filed.id}"]
    assert service.author_address(session, filed) == ("ana@example.org", "en")
    assert service.get_by_author_link(session, reference=filed.reference, secret=service.author_secret(filed)) is filed


def test_without_an_address_nothing_is_kept_and_nothing_is_written(session: Session) -> None:
    filed = file(session, factories.consultation(session))
    assert (filed.contact_id, session.scalars(select(Letter)).all()) == (None, [])
    assert service.author_address(session, filed) is None


def test_an_account_gets_its_receipt_at_its_own_address(session: Session) -> None:
    account = factories.account(session, email="own@example.org", language="ar")
    filed = file(session, factories.consultation(session), Submitter(account_id=account.id))
    assert service.author_address(session, filed) == ("own@example.org", "ar")
    assert session.scalars(select(Letter.key)).all() == [f"receipt:{filed.id}"]


def test_letters_follow_an_account_to_another_address_unless_it_named_one_for_them(session: Session) -> None:
    account, it = factories.account(session, email="own@example.org"), factories.consultation(session)
    filed = file(session, it, Submitter(account_id=account.id, email="OWN@example.org"))
    other = file(session, it, Submitter(account_id=account.id, email="office@example.org"), key="k2")
    account.email_index, account.email_sealed = blind_index("new@example.org"), seal("new@example.org")
    assert service.author_address(session, filed) == ("new@example.org", "en")
    assert service.author_address(session, other) == ("office@example.org", "en")
    assert [one.email_index for one in session.scalars(select(Contact))] == [blind_index("office@example.org")]


@pytest.mark.parametrize("secret", ["", "wrong", "a" * 32])
def test_a_wrong_private_link_opens_nothing(session: Session, secret: str) -> None:
    filed = file(session, factories.consultation(session))
    with pytest.raises(NotFound):
        service.get_by_author_link(session, reference=filed.reference, secret=secret)


def test_the_private_link_of_one_submission_does_not_open_another(session: Session) -> None:
    consultation = factories.consultation(session)
    one, other = file(session, consultation), file(session, consultation, key="other")
    with pytest.raises(NotFound):
        service.get_by_author_link(session, reference=other.reference, secret=service.author_secret(one))


# Names


def test_a_member_files_in_the_name_of_the_organisation(session: Session) -> None:
    account, network = factories.account(session), factories.organisation(session, name="Harm Reduction Network")
    session.add(Membership(organisation_id=network.id, account_id=account.id, since=now()))
    by = Submitter(NameRule.ORGANISATION, network.id, "Some other words", account_id=account.id)
    filed = file(session, factories.consultation(session), by)
    assert (filed.public_name, filed.organisation_id) == ("Harm Reduction Network", network.id)
    assert filed.submitter_kind is SubmitterKind.ORGANISATION


def test_who_is_not_a_member_cannot_file_as_a_confirmed_organisation(session: Session) -> None:
    account, network = factories.account(session), factories.organisation(session)
    with pytest.raises(Forbidden):
        file(
            session,
            factories.consultation(session),
            Submitter(NameRule.ORGANISATION, network.id, account_id=account.id),
        )
    with pytest.raises(Forbidden):
        file(session, factories.consultation(session), Submitter(NameRule.ORGANISATION, network.id, account_id=None))


def test_a_typed_organisation_is_only_what_the_submitter_says(session: Session) -> None:
    real = factories.organisation(session, name="Harm Reduction Network")
    by = Submitter(NameRule.ORGANISATION, organisation_name="Harm Reduction\u202e Network\n")
    filed = file(session, factories.consultation(session), by)
    assert filed.public_name == real.name
    assert filed.organisation_id is None


def test_a_name_that_is_not_published_is_not_kept(session: Session) -> None:
    by = Submitter(NameRule.NONE, organisation_name="Hidden", person_name="Hidden", country="pe")
    filed = file(session, factories.consultation(session), by)
    assert (filed.public_name, filed.person_name, filed.organisation_name) == (None, None, None)
    assert filed.country == "PE"


@pytest.mark.parametrize("rule", [NameRule.OWN, NameRule.ORGANISATION])
def test_a_name_that_is_to_be_published_must_be_given(session: Session, rule: NameRule) -> None:
    with pytest.raises(Refusal) as refused:
        file(session, factories.consultation(session), Submitter(rule, person_name=" \u202e ", organisation_name=" "))
    assert refused.value.field in {"person_name", "organisation_name"}


# Submissions that are accepted or refused


def test_nothing_can_be_filed_before_opening_or_from_the_instant_of_closing(session: Session) -> None:
    consultation = factories.consultation(session)
    with pytest.raises(NotYetOpen):
        file(session, consultation, at=consultation.opens_at - timedelta(seconds=1))
    with pytest.raises(ConsultationClosed):
        file(session, consultation, at=consultation.closes_at)
    assert file(session, consultation, at=consultation.closes_at - timedelta(microseconds=1)).id


def test_a_consultation_that_is_being_set_up_does_not_exist_yet(session: Session) -> None:
    with pytest.raises(NotFound):
        file(session, factories.consultation(session, phase=Phase.DRAFT))


@pytest.mark.parametrize("body", ["", "  \n\t ", "\x00\x07", "\u202e\u2066"])
def test_words_that_nobody_could_read_are_no_words(session: Session, body: str) -> None:
    consultation = factories.consultation(session)
    with pytest.raises(NothingToFile):
        file(session, consultation, comments=[on(session, consultation, "1.1", body)])


def test_control_characters_and_direction_overrides_are_dropped_and_words_kept(session: Session) -> None:
    consultation = factories.consultation(session)
    filed = file(session, consultation, comments=[on(session, consultation, "1.1", "one\r\ntwo\x00 \u202ethree نعم")])
    assert session.scalars(select(Comment.body).where(Comment.submission_id == filed.id)).all() == [
        "one\ntwo three نعم"
    ]


def test_too_many_characters_are_refused_and_exactly_enough_are_not(session: Session) -> None:
    consultation = factories.consultation(session)
    with pytest.raises(Refusal):
        file(session, consultation, comments=[on(session, consultation, "1.1", "x" * 5001)])
    assert file(session, consultation, comments=[on(session, consultation, "1.1", "ü" * 5000)]).id


def test_too_many_comments_are_refused_and_exactly_enough_are_not(session: Session) -> None:
    consultation = factories.consultation(session)
    with pytest.raises(Refusal):
        file(session, consultation, comments=[on(session, consultation, "1.1")] * 201)
    assert file(session, consultation, comments=[on(session, consultation, "1.1")] * 200).id


def test_a_comment_must_be_on_this_draft_and_an_answer_to_this_consultations_question(session: Session) -> None:
    here, elsewhere = factories.consultation(session), factories.consultation(session, questions=1)
    with pytest.raises(NotFound):
        file(session, here, comments=[on(session, elsewhere, "1.1")])
    question = session.scalars(select(Question.id)).one()
    with pytest.raises(NotFound):
        file(session, here, answers=[NewAnswer(question, "Yes")])


def test_a_question_that_must_be_answered_is_asked_for(session: Session) -> None:
    consultation = factories.consultation(session, questions=2)
    must = session.scalars(select(Question).order_by(Question.position)).all()[1]
    must.required = True
    session.flush()
    with pytest.raises(Refusal, match="question 2"):
        file(session, consultation)
    assert file(session, consultation, comments=[], answers=[NewAnswer(must.id, "Yes")]).id


def test_what_is_refused_leaves_nothing(session: Session) -> None:
    consultation = factories.consultation(session)
    with pytest.raises(NothingToFile):
        file(session, consultation, replace(NOBODY, email="a@example.org"), comments=[])
    session.commit()
    assert (session.scalars(select(Contact)).all(), session.scalars(select(Letter)).all()) == ([], [])
    assert queries.audit(session, consultation.id).received == 0


# Decisions


def test_publishing_shows_the_comments_and_withholding_hides_them_again(session: Session) -> None:
    consultation = factories.consultation(session)
    filed = file(session, consultation)
    service.transition(session, filed, state=State.PUBLISHED, actor="moderator")
    assert session.scalars(select(Comment.shown)).all() == [True]
    service.transition(session, filed, state=State.WITHHELD, actor="moderator", reason="hate")
    assert session.scalars(select(Comment.shown)).all() == [False]
    assert [(entry.kind, entry.reason, entry.detail) for entry in entries(session, filed)[1:]] == [
        (Kind.PUBLISHED, None, {"was": "pending"}),
        (Kind.WITHHELD, "hate", {"was": "published"}),
    ]


@pytest.mark.parametrize(
    ("was", "then"),
    [
        (State.PUBLISHED, State.RETURNED), (State.PUBLISHED, State.PUBLISHED), (State.WITHDRAWN, State.PUBLISHED),
        (State.ERASED, State.PUBLISHED), (State.WITHDRAWN, State.WITHHELD),
    ],
)  # fmt: skip
def test_a_move_that_makes_no_sense_is_refused(session: Session, was: State, then: State) -> None:
    filed = file(session, factories.consultation(session))
    filing.decide(session, filed, was)
    with pytest.raises(TransitionNotAllowed):
        service.transition(session, filed, state=then, actor="moderator")


def test_only_the_author_sends_a_submission_in_again(session: Session) -> None:
    filed = file(session, factories.consultation(session))
    filing.decide(session, filed, State.RETURNED, "unclear")
    with pytest.raises(TransitionNotAllowed):
        service.transition(session, filed, state=State.PENDING, actor="moderator")


def test_of_two_who_decide_at_once_the_second_is_told(session: Session) -> None:
    filed = file(session, factories.consultation(session))
    session.commit()
    with Session(session.get_bind()) as other:
        theirs = other.get_one(Submission, filed.id)
        assert theirs.state is State.PENDING
        service.transition(session, filed, state=State.PUBLISHED, actor="one")
        session.commit()
        with pytest.raises(Conflict):
            service.transition(other, theirs, state=State.WITHHELD, actor="two")
    assert queries.audit(session, filed.consultation_id).published == 1


def test_a_returned_submission_is_amended_and_waits_again_under_its_reference(session: Session) -> None:
    consultation = factories.consultation(session)
    filed = file(session, consultation)
    secret = service.author_secret(filed)
    filing.decide(session, filed, State.RETURNED, "unclear")
    words = [on(session, consultation, "2.1", "Better words")]
    service.amend(session, filed, comments=words, at=consultation.closes_at + timedelta(days=1))
    assert filed.state is State.PENDING
    last = entries(session, filed)[-1]
    assert (last.kind, last.detail) == (Kind.AMENDED, {"was": "returned"})
    assert last.commitment != entries(session, filed)[0].commitment
    assert session.scalars(select(Comment.body)).all() == ["Better words"]
    assert service.get_by_author_link(session, reference=filed.reference, secret=secret) is filed
    assert queries.audit(session, consultation.id) == queries.Books(received=1, pending=1)


@pytest.mark.parametrize("state", [State.WITHHELD, State.WITHDRAWN, State.ERASED])
def test_what_was_withheld_withdrawn_or_erased_cannot_be_amended(session: Session, state: State) -> None:
    consultation = factories.consultation(session)
    filed = file(session, consultation)
    filing.decide(session, filed, state)
    with pytest.raises(TransitionNotAllowed):
        service.amend(session, filed, comments=[on(session, consultation, "2.1")])


def test_what_was_said_before_is_kept_sealed_until_it_is_erased(session: Session) -> None:
    consultation = factories.consultation(session)
    filed = filing.file(session, consultation, "First words", published=True)
    service.amend(session, filed, comments=[filing.comment(session, consultation, "Second words")])
    assert filed.state is State.PENDING
    assert [note.body for note in revisions.list_revisions(session, filed)[0].writing.comments.values()] == [
        "First words"
    ]
    assert b"First words" not in session.scalars(select(FormerWords.sealed)).one()
    assert queries.audit(session, consultation.id) == queries.Books(received=1, pending=1)
    service.erase(session, filed)
    assert session.scalars(select(FormerWords)).all() == []


def test_withdrawing_hides_the_words_and_keeps_them(session: Session) -> None:
    filed = filing.file(session, factories.consultation(session), "Words", published=True)
    service.withdraw(session, filed)
    assert [(row.shown, row.body) for row in session.scalars(select(Comment))] == [(False, "Words")]
    assert queries.audit(session, filed.consultation_id) == queries.Books(received=1, withdrawn=1)


def test_the_address_that_had_the_receipt_is_told_of_a_change_and_of_a_withdrawal_and_of_no_more_than_it_knew(
    session: Session,
) -> None:
    it = factories.consultation(session)
    filed = file(session, it, Submitter(NameRule.OWN, person_name="Ana Canary", country="PE", email="ana@example.org"))
    service.amend(session, filed, comments=[on(session, it, "1.1", "Canary words")])
    service.withdraw(session, filed)
    receipt, changed, withdrawn = letters(session)
    assert receipt.subject.startswith("Received")
    assert "was changed and sent again" in changed.text
    assert (entries(session, filed)[1].commitment or b"").hex() in changed.text
    assert "was withdrawn" in withdrawn.text
    for letter in (changed, withdrawn):
        assert letter.to == "ana@example.org"
        assert f"/r/{filed.reference}/" in letter.text
        for private in ("Ana", "Peru", "Canary words"):
            assert private not in letter.text + letter.html


def test_whoever_gave_no_address_is_written_to_of_nothing(session: Session) -> None:
    filed = file(session, factories.consultation(session))
    service.withdraw(session, filed)
    assert session.scalars(select(Letter)).all() == []


def test_erasing_destroys_words_names_contact_and_salt_and_keeps_the_ledger(session: Session) -> None:
    by = Submitter(NameRule.OWN, person_name="Ana", country="PE", email="ana@example.org")
    filed = file(session, factories.consultation(session), by)
    secret = service.author_secret(filed)
    service.erase(session, filed)
    session.commit()
    assert session.scalars(select(Comment.body)).all() == [""]
    assert session.scalars(select(Contact)).all() == []
    kept = (filed.person_name, filed.country, filed.salt, filed.author_key, filed.account_id, filed.public_name)
    assert kept == (None,) * 6
    assert [entry.kind for entry in entries(session, filed)] == [Kind.RECEIVED, Kind.ERASED]
    with pytest.raises(NotFound):
        service.get_by_author_link(session, reference=filed.reference, secret=secret)
    with pytest.raises(NotFound):
        service.author_secret(filed)
    assert queries.audit(session, filed.consultation_id) == queries.Books(received=1, erased=1)


def test_amending_an_answer_keeps_the_rows_of_comments_that_were_not_touched(session: Session) -> None:
    consultation = factories.consultation(session, questions=1)
    said = [on(session, consultation, "1.1", "Kept"), on(session, consultation, "2.1", "To be changed")]
    filed = filing.file(session, consultation, *said, answers={0: "Yes"}, published=True)
    before = {row.body: row.id for row in session.scalars(select(Comment))}
    kept = session.get_one(Comment, before["Kept"])
    kept.redacted_body, kept.redactions = "█████", [{"start": 0, "end": 4, "reason": "off_topic"}]
    translation = Translation(comment_id=kept.id, language="es", body="Guardado", of_words=b"x" * 32, credit="Ana",
                              account_id=factories.account(session).id, made_at=consultation.opens_at)  # fmt: skip
    session.add(translation)
    session.flush()
    question = session.scalars(select(Question.id)).one()
    service.amend(
        session, filed, answers=[NewAnswer(question, "No")],
        comments=[on(session, consultation, "2.1", "Changed"), on(session, consultation, "1.1", "Kept")],
    )  # fmt: skip
    after = {row.body: row for row in session.scalars(select(Comment))}
    assert after.keys() == {"Kept", "Changed", "No"}
    assert after["Kept"].id == before["Kept"]
    assert (after["Kept"].position, after["Kept"].shown) == (1, False), "a moderator reads it again"
    assert after["Kept"].public_body == "█████"
    assert session.scalars(select(Translation.body)).all() == ["Guardado"]
    assert not {after["Changed"].id, after["No"].id} & set(before.values())
    assert queries.audit(session, consultation.id) == queries.Books(received=1, pending=1)
    filing.decide(session, filed, State.PUBLISHED)
    assert all(row.shown for row in session.scalars(select(Comment)))


def test_the_same_words_about_other_words_are_another_comment(session: Session) -> None:
    consultation = factories.consultation(session)
    filed = filing.file(session, consultation, "The same", "The same")
    first, second = session.scalars(select(Comment.id).order_by(Comment.position))
    elsewhere = on(session, consultation, "2.1", "The same")
    service.amend(session, filed, comments=[elsewhere, on(session, consultation, "1.1", "The same")])
    kept = session.scalars(select(Comment.id).order_by(Comment.position)).all()
    assert kept[1] == first
    assert kept[0] not in (first, second)
