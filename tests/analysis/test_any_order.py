"""Whatever is filed, decided, withdrawn and erased, and however it is followed: what is stored is what stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.analysis import queries, service
from consult.analysis.campaigns import queries as campaigns_queries
from consult.analysis.campaigns.classification import classify_comments
from consult.analysis.campaigns.corpus import Corpus
from consult.analysis.campaigns.groups import LetterGroup, group_texts
from consult.analysis.kinds import MIN_COPIES, TextKind
from consult.analysis.model import Campaign, Statement, TextFingerprint
from consult.analysis.text.campaign_letter import CampaignLetter
from consult.consultations.model import Consultation
from consult.core.text import clean_text
from consult.ledger import service as ledger
from consult.ledger.model import Kind as Entries
from consult.submissions import service as submissions
from consult.submissions.model import State, Submission
from tests import factories
from tests.analysis.jobs.test_engine import by_words, state
from tests.analysis.writing import LETTERS, comments
from tests.filing import comment, decide, file, numbered

Place = tuple[str, str]
ON = {"1.1": "chp_1__para_1", "1.2": "chp_1__para_2", "": ""}


class Filing(NamedTuple):
    """Somebody sends words, or so many do."""

    copies: int
    words: str
    place: Place
    organisation: str | None


class Deciding(NamedTuple):
    """One that was filed moves, if it may; one that was returned comes back with these words."""

    to: State
    number: int
    words: str
    place: Place


class Covering(NamedTuple):
    """Other words of one that is published are hidden than before."""

    number: int


class Following(NamedTuple):
    """The worker follows so many quarters of what is new."""

    quarters: int


Step = Filing | Deciding | Covering | Following
WORDS = st.one_of(st.sampled_from(LETTERS[:2]), comments().map(clean_text).filter(str.strip))
PLACES = st.tuples(st.sampled_from(sorted(ON)), st.sampled_from(["support", "concern"]))
FILING = st.builds(Filing, st.sampled_from([1, 1, 3]), WORDS, PLACES, st.sampled_from([None, "A", "b", "B"]))
DECIDING = st.builds(Deciding, st.sampled_from(State), st.integers(0, 60), WORDS, PLACES)
COVERING = st.builds(Covering, st.integers(0, 60))
FOLLOWING = st.builds(Following, st.integers(1, 4))
STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.one_of(FILING, FILING, FILING, DECIDING, DECIDING, COVERING, FOLLOWING), min_size=20, max_size=50
)


@dataclass
class Filed:
    """A submission, and what a person reading it would say of it."""

    row: Submission
    words: str
    place: Place
    organisation: str | None


@dataclass
class Course:
    """A consultation as it goes, and the ledger numbers up to which it was followed."""

    session: Session
    row: Consultation
    filed: list[Filed] = field(default_factory=list)
    windows: list[int] = field(default_factory=list)

    def take(self, step: Step) -> None:
        match step:
            case Filing(copies, words, place, organisation):
                said = comment(self.session, self.row, words, *place)
                for _copy in range(copies):
                    row = file(self.session, self.row, said, organisation=organisation)
                    self.filed.append(Filed(row, words, place, organisation))
            case Deciding():
                self.decide(*step)
            case Covering(number):
                for one in self.of(State.PUBLISHED)[number % 7 : number % 7 + 1]:
                    ledger.record(self.session, Entries.COVERED, subject_id=one.row.id, consultation_id=self.row.id)
            case Following(quarters):
                self.follow(quarters)

    def decide(self, to: State, number: int, words: str, place: Place) -> None:
        if not self.filed:
            return
        one = self.filed[number % len(self.filed)]
        if to not in submissions.TRANSITIONS[one.row.state]:
            return
        if to is State.PENDING:
            if (words, place) == (one.words, one.place):
                return  # it is refused: nothing was changed
            submissions.amend(self.session, one.row, comments=[comment(self.session, self.row, words, *place)])
            one.words, one.place = words, place
        else:
            decide(self.session, one.row, to)

    def follow(self, quarters: int) -> None:
        head, at = numbered(self.session), service.FOLLOWER.get_position(self.session, self.row.id)
        self.windows.append(at + (head - at) * quarters // 4)
        service.FOLLOWER.follow(self.session, consultation_id=self.row.id, until=self.windows[-1])
        self.session.commit()
        assert queries.get_totals(self.session, self.row.id).balanced

    def of(self, *states: State) -> list[Filed]:
        return [one for one in self.filed if one.row.state in states]

    @property
    def standing(self) -> list[Filed]:
        return self.of(*(set(State) - {State.WITHDRAWN, State.ERASED}))


def all_at_once(texts: list[str], lasting: list[Campaign]) -> dict[bytes, tuple[TextKind, bytes | None]]:
    """Each text's class and its campaign's letter without a database; campaigns that shrank are known beforehand."""
    with Corpus() as corpus:
        numbers = corpus.add(texts)
        at = {key: number for number, key in enumerate(corpus.hashes)}
        known = []
        for one in lasting:
            if (letter := at.get(bytes(one.letter_hash))) is not None:
                versions = [at[key] for key in map(bytes.fromhex, one.versions) if key in at]
                core = np.frombuffer(bytes(one.core), dtype=np.uint64)
                known.append(
                    (LetterGroup(core, letter, versions, lasts=True), letter_of(corpus.text(letter), one.ours))
                )
        found = group_texts(corpus, known)
        names = [corpus.hashes[campaign.letter].hex() for campaign in found.campaigns]
        placed = classify_comments(found, names, numbers, texts)
        return {
            corpus.hashes[number]: (one.kind, bytes.fromhex(one.campaign) or None)
            for number, one in zip(numbers, placed, strict=True)
        }


def letter_of(words: str, ours: bytes | None) -> CampaignLetter:
    letter = CampaignLetter.of(words)
    if ours is None:
        return letter
    bits = np.unpackbits(np.frombuffer(bytes(ours), dtype=np.uint8), count=len(letter.words))
    return CampaignLetter.of(words, bits.astype(np.bool_))


def assert_counts(course: Course) -> None:
    """The sums are those of counting by hand."""
    session, number = course.session, course.row.id
    found, published = queries.get_totals(session, number), course.of(State.PUBLISHED)
    assert found.balanced
    assert (found.received, found.published, found.pending, found.withheld, found.withdrawn, found.erased) == (
        len(course.filed), len(published), len(course.of(State.PENDING, State.RETURNED)),
        len(course.of(State.WITHHELD)), len(course.of(State.WITHDRAWN)), len(course.of(State.ERASED)),
    )  # fmt: skip
    assert found.organisations == len({one.organisation.lower() for one in published if one.organisation})
    said = Counter((ON[one.place[0]], stance) for one in published for stance in (one.place[1], "any"))
    kept = queries.count_by_place(session, number)
    assert {(place, stance): n for place, stances in kept.items() for stance, n in stances.items()} == said
    classes = queries.totals_by_kind(session, number)
    assert sum(one.standing for one in classes.values()) == len(course.standing)
    letters = campaigns_queries.list_campaigns(session, number)
    inside = [classes[kind] for kind in queries.CAMPAIGN_KINDS if kind in classes]
    assert sum(one.members for one in letters) == sum(one.standing for one in inside)
    assert sum(one.published for one in letters) == found.published_in_campaigns


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_what_is_stored_after_any_order_is_what_all_at_once_gives(session: Session, steps: list[Step]) -> None:
    course = Course(session, factories.consultation(session))
    for step in steps:
        course.take(step)
    course.follow(4)
    number = course.row.id
    assert_counts(course)
    small = select(Campaign).where(Campaign.consultation_id == number, Campaign.members.between(1, MIN_COPIES - 1))
    expected = all_at_once([one.words for one in course.standing], list(session.scalars(small)))
    service.compare(session, consultation_id=number)
    session.commit()
    assert by_words(session, course.row) == expected
    for table in (TextFingerprint, Statement):  # of words that nobody stands by nothing is kept
        kept = {bytes(key) for key in session.scalars(select(table.text_hash).where(table.consultation_id == number))}
        assert kept <= expected.keys()
    assert_counts(course)
    once = state(session, course.row), queries.get_totals(session, number)
    for until in course.windows:  # as a task that comes twice, or late, would
        service.FOLLOWER.follow(session, consultation_id=number, until=until)
    service.compare(session, consultation_id=number)
    session.commit()
    assert (state(session, course.row), queries.get_totals(session, number)) == once
