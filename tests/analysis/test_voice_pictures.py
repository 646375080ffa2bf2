"""Pictures of the voices on a paragraph: one mark for each comment by type, hollow marks for copies, and their cost."""

from __future__ import annotations

from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis import service
from consult.analysis.voice_pictures import VoicePicture, draw_voices, share_squares
from consult.consultations.model import Consultation
from consult.submissions import queries
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import Stance, State
from consult.submissions.pages.frames import MOST_SQUARES
from tests import factories, filing
from tests.analysis.writing import LETTERS, OWN
from tests.counting import rows_read, statements

LETTER = LETTERS[0]
POINTS = "# Plan\n\n## 1 Aims\n\n1.1 States shall offer naloxone to:\n\n(a) families;\n\n(b) the police.\n"


def followed(session: Session, row: Consultation) -> None:
    service.FOLLOWER.follow(session, consultation_id=row.id, until=filing.numbered(session))
    session.commit()


def drawn(session: Session, row: Consultation, key: str = "1.1") -> VoicePicture | None:
    place = comments_queries.get_provision_tree(session, row.version_id or 0).find(key)
    assert place is not None
    return draw_voices(session, row.id, queries.get_counts(session, row.id), [place]).get(place.id)


def test_a_copy_of_a_letter_is_hollow_and_what_its_sender_wrote_alone_is_not(session: Session) -> None:
    row = factories.consultation(session)
    for _copy in range(6):
        filing.file(session, row, LETTER, published=True)
    filing.file(session, row, f"{LETTER} {OWN[0]}", published=True)
    filing.file(session, row, LETTER, filing.comment(session, row, OWN[1], "1.2"), published=True)
    filing.file(session, row, OWN[2], published=True)
    filing.file(session, row, filing.comment(session, row, OWN[3], stance="support"), published=True)
    filing.file(session, row, LETTER)  # waits for a moderator
    followed(session, row)
    picture = drawn(session, row)
    assert picture is not None
    assert picture.counts == {Stance.SUPPORT: 1, Stance.CONCERN: 9}
    assert picture.squares == [(Stance.SUPPORT, False), (Stance.CONCERN, False), *[(Stance.CONCERN, True)] * 8]
    assert (picture.total, picture.copies, picture.more) == (10, 8, 0)
    elsewhere = drawn(session, row, "1.2")
    assert elsewhere is not None
    assert elsewhere.squares == [(Stance.CONCERN, False)], "a comment of one's own beside the letter is no copy"
    assert drawn(session, row, "2.1") is None


def test_four_of_the_same_words_are_no_letter(session: Session) -> None:
    row = factories.consultation(session)
    for _copy in range(4):
        filing.file(session, row, LETTER, published=True)
    followed(session, row)
    picture = drawn(session, row)
    assert picture is not None
    assert picture.copies == 0


def test_comments_on_points_are_drawn_with_their_paragraph_and_kinds_not_said_too(session: Session) -> None:
    row = factories.with_draft(session, POINTS)
    tree = comments_queries.get_provision_tree(session, row.version_id or 0)
    place = tree.find("1.1")
    assert place is not None
    for part in place.parts:
        for kind in (Stance.EVIDENCE, None):
            comment = filing.NewComment(part.id, kind, OWN[0] if kind else OWN[1])
            filing.file(session, row, comment, published=True)
    session.commit()
    picture = drawn(session, row)
    assert picture is not None
    assert picture.squares == [(Stance.EVIDENCE, False)] * 3 + [(None, False)] * 3


def test_of_many_comments_each_kind_is_drawn_in_its_share_and_none_is_left_out() -> None:
    kinds: dict[Stance | None, int] = {Stance.SUPPORT: 5_000, Stance.CONCERN: 4_000, Stance.WORDING: 3, None: 1}
    shares = share_squares(kinds)
    assert sum(shares.values()) == MOST_SQUARES
    assert shares == {Stance.SUPPORT: 11, Stance.CONCERN: 8, Stance.WORDING: 1, None: 1}
    assert share_squares({Stance.SUPPORT: 21}) == {Stance.SUPPORT: 21}
    assert share_squares({Stance.SUPPORT: 21, None: 1}) == {Stance.SUPPORT: 20, None: 1}


def test_a_picture_costs_the_same_however_much_was_said(session: Session) -> None:
    row = factories.consultation(session)
    found = []
    for batch in (30, 120):
        for n in range(batch):
            filing.file(session, row, LETTER if n % 3 else f"{OWN[n % 4]} Number {batch} {n}.", published=True)
        followed(session, row)
        session.execute(text("ANALYZE"))  # the server may have taken statistics of tables that were empty
        for plan in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):  # else so few rows are read whole
            session.execute(text(f"SET LOCAL {plan} = off"))
        with statements() as sent, rows_read(session) as rows:
            picture = drawn(session, row)
        assert picture is not None
        assert picture.copies
        found.append((len(sent), rows["comment"], rows["submission"]))
    (few, some, of), (many, more, others) = found
    assert few == many
    assert more <= some + MOST_SQUARES
    assert others <= of + MOST_SQUARES


def test_the_margin_says_in_words_what_it_draws(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session)
    for n in range(24):
        filing.file(session, row, LETTER if n % 2 else f"{OWN[0]} {n}", published=True)
    gone = filing.file(session, row, filing.comment(session, row, OWN[1], "1.2"), published=True)
    filing.file(session, row, filing.comment(session, row, OWN[2], "1.2", "support"), published=True)
    followed(session, row)
    page = html.fromstring(client.get(f"/c/{row.slug}/draft").text)
    first, second = page.find_class("units")
    assert " ".join(first.text_content().split()) == "24 comments on 1.1: Raises a concern 24+ 3"
    assert len(list(first.iter("rect"))) == MOST_SQUARES
    assert next(first.iter("svg")).get("aria-hidden") == "true"
    assert first.find_class("copy")
    assert " ".join(second.text_content().split()) == "2 comments on 1.2: Keep 1, Raises a concern 1"
    assert [one.get("class") for one in second.iter("rect")] == ["support", "concern"]
    filing.decide(session, gone, State.WITHDRAWN)
    followed(session, row)
    page = html.fromstring(client.get(f"/c/{row.slug}/draft").text)
    assert " ".join(page.find_class("units")[1].text_content().split()) == "1 comment on 1.2: Keep 1"
