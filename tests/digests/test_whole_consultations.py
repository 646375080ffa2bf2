"""Sections of digests of whole consultations, filed, decided and compiled, add up to a count made without them."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from consult.analysis import service as analysis
from consult.analysis.kinds import MIN_COPIES
from consult.arguments import service as arguments
from consult.core.clock import now
from consult.core.i18n import force_locale
from consult.core.web.access import Role
from consult.digests import service as digests
from consult.digests.model import Cadence
from consult.digests.render import brief, current_quotes, layout
from consult.digests.render.brief import EDITION, LETTER, REPORT, SHEET
from consult.positions import items, requests, service
from consult.positions.model import Side
from consult.positions.requests import RequestAct
from tests import factories
from tests.filing import numbered
from tests.positions.test_positions import AGAINST, FOR, decide, file_all

TEXTS = (
    AGAINST,
    FOR,
    "We ask you to change the second chapter: the budget for needle exchange must double before the end of next year.",
    "My brother died in a prison cell last winter. Please give every prison doctor naloxone and training.",
    "Growers in our valley were never asked. I urge you to hear them before any of these fields are sprayed again.",
    "The tables of the annex are out of date, and three of the treaties that they list have been replaced since then.",
)
FILINGS = st.lists(
    st.tuples(st.integers(0, len(TEXTS) - 1), st.sampled_from(["", "", *map(str, Side)]), st.integers(1, 7)),
    min_size=1,
    max_size=7,
)
"""Text, position that its authors chose, and number of submissions."""
SIDES = st.lists(st.sampled_from([None, *Side]), min_size=len(TEXTS), max_size=len(TEXTS))
"""By text, what a person decides on it, or None."""
_slugs = itertools.count(1)


def count_positions(rows: Sequence[tuple[str, str]], decided: dict[str, str]) -> Counter[str]:
    """Count positions one submission at a time: its author's, else the one that a person decided for its text."""
    return Counter(chosen or decided.get(text, "") for text, chosen in rows)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(filings=FILINGS, sides=SIDES, confirmed=st.integers(0, 3))
def test_every_section_adds_up_in_every_rendering(
    session: Session, app: Flask, filings: list[tuple[int, str, int]], sides: list[Side | None], confirmed: int
) -> None:
    rows = [(TEXTS[text], chosen) for text, chosen, n in filings for _copy in range(n)]
    consultation = file_all(session, rows, slug=f"whole-{next(_slugs)}")
    analysis.FOLLOWER.follow(session, consultation_id=consultation.id, until=numbered(session))
    analysis.compare(session, consultation_id=consultation.id)
    arguments.FOLLOWER.follow(session, consultation_id=consultation.id, until=numbered(session))
    session.commit()
    decided: dict[str, str] = {}
    bench = service.get_workbench(session, consultation.id)
    for item in (*bench.letters, *bench.texts):
        words = " ".join(items.load_words(session, item).paragraphs)
        text = next(text for text in TEXTS if text[:40] in words)
        if side := sides[TEXTS.index(text)]:
            decide(session, consultation, item, side)
            decided[text] = side
    by = factories.account(session, Role.MODERATOR)
    for _request in range(confirmed):
        if suggested := requests.find_next(session, consultation.id, by):
            requests.decide(
                session, argument_id=suggested.argument.id, revision=suggested.argument.revision,
                act=RequestAct.CONFIRM, by=by, words="A request",
            )  # fmt: skip
            session.commit()
    numbered(session)
    digest = digests.compile_digest(session, consultation_id=consultation.id, cadence=Cadence.WEEKLY, slot_at=now())
    assert digest is not None
    body = current_quotes.fill_quotes(session, digest.body)
    with app.test_request_context(), force_locale("en"):
        built = {shown: brief.build(body, shown) for shown in (SHEET, LETTER, EDITION, REPORT)}
        layout.one_page(body)
        layout.report(body)
    expected = count_positions(rows, decided)
    letters = [n for n in Counter(text for text, _chosen in rows).values() if n >= MIN_COPIES]
    for shown, sections in built.items():
        if sections.positions.rows:
            assert sum(row.n for row in sections.positions.rows) == len(rows) == body.books.published
        assert sections.letters.whole == len(letters), shown
        assert len(sections.letters.rows) + sections.letters.left_out == len(letters)
    if body.sides:
        assert {side: n for side, n in body.sides.sides.items() if n} == {s: n for s, n in expected.items() if s}
        assert body.sides.unread == expected[""]
