from __future__ import annotations

import random

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.analysis import service, tasks
from consult.analysis.campaigns import queries
from consult.analysis.campaigns.corpus import Corpus
from consult.analysis.campaigns.groups import group_texts
from consult.analysis.kinds import StatementKind, TextKind
from consult.analysis.model import AnalysisState, Campaign, CountedSubmission, Statement, TextFingerprint, TextGroup
from consult.analysis.queries import get_totals, is_due, totals_by_kind
from consult.consultations.model import Consultation
from consult.submissions.model import Comment, State, Submission
from tests import factories
from tests.analysis.writing import LETTERS, OWN
from tests.filing import comment, decide, file, numbered

LETTER = LETTERS[0]
AGAINST = LETTER.replace("not to repeal", "to repeal")
LONG = " ".join(OWN)


def follow(session: Session, consultation: Consultation) -> None:
    service.FOLLOWER.follow(session, consultation_id=consultation.id, until=numbered(session))
    session.commit()


def compare(session: Session, consultation: Consultation) -> None:
    service.compare(session, consultation_id=consultation.id)
    session.commit()


def the_campaign(session: Session, consultation: Consultation) -> queries.CampaignOverview:
    (found,) = queries.list_campaigns(session, consultation.id)
    return found


def by_words(session: Session, consultation: Consultation) -> dict[bytes, tuple[TextKind, bytes | None]]:
    """Each text's class and its campaign's letter, as stored."""
    rows = session.execute(
        select(TextGroup.text_hash, TextGroup.kind, Campaign.letter_hash)
        .outerjoin(Campaign, Campaign.id == TextGroup.campaign_id)
        .where(TextGroup.consultation_id == consultation.id, TextGroup.standing > 0)
    )
    return {bytes(key): (kind, letter and bytes(letter)) for key, kind, letter in rows}


def in_one_go(texts: list[str]) -> dict[bytes, tuple[TextKind, bytes | None]]:
    """The same of texts grouped without a database."""
    with Corpus() as corpus:
        corpus.add(texts)
        found = group_texts(corpus)
        letters = [corpus.hashes[campaign.letter] for campaign in found.campaigns]
        return {
            key: (found.kind(at), letters[found.campaign[at]] if found.campaign[at] >= 0 else None)
            for at, key in enumerate(corpus.hashes)
        }


def memberships(found: dict[bytes, tuple[TextKind, bytes | None]]) -> dict[bytes, tuple[TextKind, bytes | None]]:
    """The same, whether or not a copy is word for word: that also depends on how many sent the same words."""
    return {key: (TextKind.LETTER if kind is TextKind.EXACT else kind, letter) for key, (kind, letter) in found.items()}


def test_copies_of_a_letter_with_personal_words_are_one_campaign(session: Session) -> None:
    row = factories.consultation(session)
    for _ in range(5):
        file(session, row, LETTER, published=True)
    own = file(session, row, f"{LONG}\n\n{LETTER}", published=True)
    file(session, row, "I run the pharmacy on the square and nobody asked me about any of this before today.")
    file(session, row, "See attached")
    follow(session, row)
    found = the_campaign(session, row)
    assert (found.members, found.published, found.exact, found.adding, found.contrary) == (6, 6, 5, 1, 0)
    assert (found.detected, found.declared, found.words) == (True, False, LETTER)
    assert {kind: one.texts for kind, one in totals_by_kind(session, row.id).items()} == {
        TextKind.EXACT: 1, TextKind.LETTER: 1, TextKind.INDIVIDUAL: 1, TextKind.ATTACHMENT: 1,
    }  # fmt: skip
    place = queries.get_classifications(session, [own.id])[own.id]
    assert (place.kind, place.campaign_id, place.adds, place.copies) == (TextKind.LETTER, found.id, True, 1)
    assert queries.list_members(session, found.id, adds=True) == [own.id]
    assert get_totals(session, row.id).published_in_campaigns == 6


def test_a_statement_says_where_its_words_stand_in_which_comment(session: Session) -> None:
    row = factories.consultation(session)
    for _ in range(5):
        file(session, row, LETTER)
    own = file(session, row, comment(session, row, OWN[0], "1.2"), comment(session, row, f"{LETTER}\n{OWN[1]}"))
    follow(session, row)
    said = queries.list_statements(session, the_campaign(session, row).id, published=False)
    assert {one.text for one in said} == {OWN[0], OWN[1]}
    for one in said:
        body = session.get_one(Comment, one.comment_id).body
        assert body[one.start : one.end] == one.text
        assert one.submission_id == own.id
    assert queries.list_statements(session, the_campaign(session, row).id) == []  # nothing is published yet
    assert queries.list_statements_of(session, own.id) == said


def test_a_member_that_turns_the_letter_round_is_shown_as_such(session: Session) -> None:
    row = factories.consultation(session)
    for _ in range(6):
        file(session, row, LETTER)
    other = file(session, row, AGAINST)
    follow(session, row)
    found = the_campaign(session, row)
    assert found.contrary == 1
    assert queries.list_members(session, found.id, contrary=True) == [other.id]
    assert [one.kind for one in queries.list_statements_of(session, other.id)] == [StatementKind.CONTRARY]


def test_words_that_are_erased_leave_nothing_but_the_count(session: Session) -> None:
    row = factories.consultation(session)
    rows = [file(session, row, LETTER) for _ in range(5)]
    own = file(session, row, f"{LETTER} {OWN[0]}")
    follow(session, row)
    decide(session, own, State.ERASED)
    session.commit()
    assert not any(OWN[0] in one.text for one in queries.list_statements_of(session, own.id))  # at once
    follow(session, row)
    assert session.scalar(select(func.count()).select_from(Statement)) == 0
    assert session.scalar(select(func.count()).select_from(TextFingerprint)) == 1
    assert the_campaign(session, row).members == 5
    decide(session, rows[0], State.WITHDRAWN)
    follow(session, row)
    assert the_campaign(session, row).members == 4
    compare(session, row)
    assert the_campaign(session, row).members == 4  # what was a campaign stays one
    assert get_totals(session, row.id).balanced


def test_the_sample_of_a_text_is_one_that_the_public_may_read(session: Session) -> None:
    row = factories.consultation(session)
    for _ in range(5):
        file(session, row, LETTER)
    first = file(session, row, f"{LETTER} {OWN[0]}")
    second = file(session, row, f"{LETTER}  {OWN[0]}", published=True)
    follow(session, row)
    (said,) = queries.list_statements(session, the_campaign(session, row).id)
    assert (said.submission_id, said.copies) == (second.id, 2)
    decide(session, second, State.WITHDRAWN)
    follow(session, row)
    assert queries.list_statements(session, the_campaign(session, row).id) == []
    decide(session, first, State.PUBLISHED)
    follow(session, row)
    (said,) = queries.list_statements(session, the_campaign(session, row).id)
    assert said.submission_id == first.id


def test_a_declared_letter_takes_in_its_copies_and_is_shown_as_declared(session: Session) -> None:
    row = factories.consultation(session)
    account = factories.account(session)
    file(session, row, f"{LETTER} {OWN[1]}")
    follow(session, row)
    declared = service.declare(
        session, consultation=row, account=account, name="Keep the rule", organiser="Farm Union", letter=LETTER,
        consent=True,
    )  # fmt: skip
    session.commit()
    for own in OWN[2:6]:
        file(session, row, f"{LETTER} {own}")
    follow(session, row)
    compare(session, row)
    found = the_campaign(session, row)
    assert (found.id, found.title, found.members, found.declared, found.detected) == (
        declared.id, "Keep the rule", 5, True, False,
    )  # fmt: skip


def test_declaring_a_campaign_that_was_found_makes_it_both(session: Session) -> None:
    row = factories.consultation(session)
    for _ in range(5):
        file(session, row, LETTER)
    follow(session, row)
    before = the_campaign(session, row)
    service.declare(
        session, consultation=row, account=factories.account(session), name="Keep it", organiser="Union",
        letter=LETTER, consent=False,
    )  # fmt: skip
    after = the_campaign(session, row)
    assert (after.id, after.declared, after.detected, after.members) == (before.id, True, True, 5)


def test_a_few_words_are_no_letter(session: Session) -> None:
    row = factories.consultation(session)
    with pytest.raises(service.LetterTooShort):
        service.declare(
            session, consultation=row, account=factories.account(session), name="x", organiser="y",
            letter="I support this.", consent=False,
        )  # fmt: skip


def writings(chance: random.Random, count: int) -> list[str]:
    """Comments as people send them to a consultation with several letters."""
    found = []
    for _ in range(count):
        letter, own = chance.choice(LETTERS), chance.choice(OWN)
        found.append(
            chance.choice(
                (
                    letter, letter, letter.upper(), f"{own} {letter}", f"{letter} {own}", own, "See attached.",
                    "I support this", ". ".join(letter.split(". ")[1:]),
                    f"“{letter}” I cannot agree with that. {own} {chance.choice(OWN)}",
                )
            )
        )  # fmt: skip
    return found


@pytest.mark.parametrize("seed", range(3))
def test_whatever_the_order_of_arrival_the_groups_are_those_of_all_at_once(session: Session, seed: int) -> None:
    chance = random.Random(seed)
    row = factories.consultation(session)
    texts = writings(chance, 60)
    for number, words in enumerate(texts):
        file(session, row, words)
        if number % 17 == 0:
            follow(session, row)
    follow(session, row)
    compare(session, row)
    assert memberships(by_words(session, row)) == memberships(in_one_go(texts))
    assert sum(one.standing for one in totals_by_kind(session, row.id).values()) == 60
    once = state(session, row)
    compare(session, row)
    follow(session, row)
    assert state(session, row) == once


def state(session: Session, consultation: Consultation) -> tuple[object, ...]:
    """Everything that is stored of texts and campaigns."""
    session.expire_all()
    said = select(Statement.text_hash, Statement.start, Statement.end, Statement.kind, Statement.text)
    return (
        by_words(session, consultation),
        queries.list_campaigns(session, consultation.id),
        totals_by_kind(session, consultation.id),
        sorted(session.execute(said).all(), key=repr),
        session.scalar(select(func.count()).select_from(TextFingerprint)),
        session.scalar(select(func.count()).select_from(CountedSubmission)),
    )


def test_counts_of_a_campaign_are_those_of_its_members_after_any_sequence(session: Session) -> None:
    chance = random.Random(7)
    row = factories.consultation(session)
    rows: list[Submission] = []
    for step in range(120):
        if len(rows) < 20 or chance.random() < 0.5:
            rows.append(file(session, row, writings(chance, 1)[0], published=chance.random() < 0.5))
        else:
            one = chance.choice(rows)
            state_ = chance.choice((State.PUBLISHED, State.WITHHELD, State.WITHDRAWN, State.ERASED))
            if one.state not in (State.WITHDRAWN, State.ERASED) and one.state is not state_:
                decide(session, one, state_, reason="hateful" if state_ is State.WITHHELD else None)
        if step % 9 == 0:
            follow(session, row)
    follow(session, row)
    assert get_totals(session, row.id).balanced
    standing = CountedSubmission.state.not_in((State.WITHDRAWN, State.ERASED))
    for found in queries.list_campaigns(session, row.id, also_empty=True):
        members = queries.list_members(session, found.id, most=1_000)
        assert found.members == len(members)
        assert found.published == len(queries.list_members(session, found.id, state=State.PUBLISHED, most=1_000))
        assert found.exact == len(queries.list_members(session, found.id, exact=True, most=1_000))
        assert found.adding == len(queries.list_members(session, found.id, adds=True, most=1_000))
        stored = session.get_one(Campaign, found.id)
        public = {"state": State.PUBLISHED, "most": 1_000}
        assert stored.public_exact == len(queries.list_members(session, found.id, exact=True, **public))
        assert stored.public_adding == len(queries.list_members(session, found.id, adds=True, **public))
        assert stored.public_contrary == len(queries.list_members(session, found.id, contrary=True, **public))
        both = queries.list_members(session, found.id, adds=True, contrary=True, **public)
        assert stored.public_both == len(both)
    counted = session.execute(
        select(TextGroup.kind, func.count(CountedSubmission.submission_id))
        .join(CountedSubmission, (CountedSubmission.text_hash == TextGroup.text_hash) & standing)
        .group_by(TextGroup.kind)
    )
    assert {kind: one.standing for kind, one in totals_by_kind(session, row.id).items()} == dict(iter(counted))


def counted_state(**counts: int) -> AnalysisState:
    return AnalysisState(
        **{"placed": 0, "compared": 0, "received": 0, "compared_received": 0, "campaigns": 0, **counts}
    )


def test_comparing_is_due_when_half_as_many_texts_came_again() -> None:
    assert not is_due(counted_state(placed=99))
    assert is_due(counted_state(placed=100))
    assert not is_due(counted_state(placed=499, compared=1_000))
    assert is_due(counted_state(placed=500, compared=1_000))


def test_comparing_is_due_when_half_as_many_copies_came_again_where_there_are_letters() -> None:
    before = {"received": 1_500, "compared_received": 1_000, "compared": 1_000}
    assert is_due(counted_state(campaigns=1, **before))
    assert not is_due(counted_state(campaigns=0, **before))
    assert not is_due(counted_state(campaigns=1, **before | {"received": 1_499}))


def test_the_letter_is_the_text_that_most_sent_also_when_their_copies_came_later(session: Session) -> None:
    row = factories.consultation(session)
    first, later = f"{LETTER} I grow apples and pears near the river.", LETTER
    for _number in range(6):
        file(session, row, first, published=True)
    follow(session, row)
    compare(session, row)
    for _number in range(120):
        file(session, row, later, published=True)
    follow(session, row)
    assert is_due(session.get_one(AnalysisState, row.id, populate_existing=True))
    compare(session, row)
    assert the_campaign(session, row).words == later
    assert not is_due(session.get_one(AnalysisState, row.id, populate_existing=True))


def test_a_text_is_read_in_a_published_copy_when_the_one_it_was_read_in_is_withheld(session: Session) -> None:
    row = factories.consultation(session)
    first, second = (file(session, row, OWN[0], published=True) for _copy in range(2))

    def read_in() -> int | None:
        follow(session, row)
        return session.scalars(select(TextGroup.sample_id).where(TextGroup.consultation_id == row.id)).one()

    assert read_in() == first.id
    decide(session, first, State.WITHHELD, "off_topic")
    assert read_in() == second.id
    decide(session, second, State.WITHHELD, "off_topic")
    assert read_in() in (first.id, second.id), "what nobody sees is still compared"


def test_texts_that_another_follower_put_in_their_places_are_compared_by_the_clock_and_once(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = factories.consultation(session)
    early = f"Impeach them all!\n\n{LETTER}"
    for words in [early] * 5 + [LETTER] * 6 + [f"Nobody asked person {n}." for n in range(100)]:
        file(session, row, words, published=True)
        if words == early:
            follow(session, row)  # five came before anybody sent the letter itself
    follow(session, row)  # as a digest does: no task of the analysis has had a step left
    assert the_campaign(session, row).words == early
    asked: list[int] = []
    monkeypatch.setattr(tasks, "publish", lambda _work, number: asked.append(number))
    tasks.compare_due(session)
    assert asked == [row.id]
    tasks.compare(session, row.id)
    session.commit()
    assert the_campaign(session, row).words == LETTER
    tasks.compare_due(session)
    assert asked == [row.id]


def test_a_version_that_many_sent_and_a_copy_that_is_only_signed_count_as_word_for_word(session: Session) -> None:
    row = factories.consultation(session)
    second = LETTER.replace("We ask", "We all ask", 1)
    assert second != LETTER
    for _ in range(9):
        file(session, row, LETTER, published=True)
    for _ in range(5):
        file(session, row, second, published=True)
    file(session, row, f"{LETTER}\n\nSincerely,\nMs. Miriam Holloway\nDayton, OH 45402", published=True)
    file(session, row, LETTER.replace("We ask", "We hereby ask", 1), published=True)
    follow(session, row)
    found = the_campaign(session, row)
    assert (found.members, found.exact, found.adding) == (16, 15, 0)
    compare(session, row)
    assert (the_campaign(session, row).exact, the_campaign(session, row).adding) == (15, 0)
