from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from consult.analysis import queries
from consult.arguments import encoder
from consult.arguments import service as arguments
from consult.arguments.model import Claim
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.web.access import Role
from consult.digests import service as digests
from consult.digests.content import collection
from consult.digests.delivery import personal_copies
from consult.digests.model import Cadence, Digest
from consult.digests.results import cache as results_cache
from consult.submissions.model import NameRule, State, Submission
from tests import factories
from tests.arguments.speaking import NEEDLES, PRISONS, follow, holding, said
from tests.filing import comment, decide, file, numbered


def compiled(session: Session, row: Consultation) -> Digest:
    found = digests.compile_digest(session, consultation_id=row.id, cadence=Cadence.WEEKLY, slot_at=now())
    session.commit()
    assert found is not None
    return found


def named(session: Session, row: Consultation, words: str, name: str = "Fund the exchange") -> None:
    """A person names the argument that a statement is in."""
    by = factories.account(session, Role.ADMIN)
    arguments.name_argument(session, argument_id=holding(session, row, words).id, by=by, words=name)
    session.commit()


def test_a_digest_tells_the_arguments_by_who_makes_them_each_with_a_quote(session: Session) -> None:
    row = factories.consultation(session)
    said(session, row, *NEEDLES, *PRISONS[:2])
    named(session, row, NEEDLES[0])
    body = compiled(session, row).body
    (first,) = body.arguments  # the other one is only suggested
    assert (first.label, first.named, first.voices, first.new) == ("Fund the exchange", True, 3, 3)
    assert first.quote.end > first.quote.start
    assert body.manifest.arguments.revisions[str(first.id)] == 2
    assert body.manifest.arguments.vectors == (f"words, {encoder.name()}" if encoder.name() else "words",)
    assert body.coverage.arguments == body.coverage.either == 5


def test_a_made_up_name_stands_beside_quotes_as_it_does_on_pages(session: Session) -> None:
    row = factories.consultation(session)
    words = "The night buses do not run on Sundays, and the clinic opens at six."
    filed = file(session, row, words, person="Night Owl", published=True)
    session.execute(update(Submission).where(Submission.id == filed.id).values(name_rule=NameRule.PSEUDONYM))
    said(session, row)
    made = collection.collect_input(
        session, row, cadence=Cadence.DEMAND, edition=1, slot_at=now(), from_at=now(), since=1,
        until=queries.get_totals(session, row.id).upto,
    )  # fmt: skip
    assert [one.name for one in made.words] == ["Night Owl"]


def test_each_submission_counts_once_and_an_argument_without_news_stands_behind(session: Session) -> None:
    row = factories.consultation(session)
    said(session, row, *NEEDLES)
    named(session, row, NEEDLES[0])
    compiled(session, row)
    for words in PRISONS[:2]:
        for _copy in range(4):
            file(session, row, words, published=True)
    said(session, row)
    named(session, row, PRISONS[0])
    body = compiled(session, row).body
    assert [(one.voices, one.copies, one.new) for one in body.arguments] == [(8, 0, 8), (3, 0, 0)]


def test_a_quote_that_is_taken_back_leaves_the_edition_and_is_told(
    session: Session, sign_in: Callable[[Any], FlaskClient]
) -> None:
    row = factories.consultation(session)
    rows = [file(session, row, words, published=True) for words in NEEDLES[:2]]
    said(session, row)
    named(session, row, NEEDLES[0])
    digest = compiled(session, row)
    quoted = digest.body.arguments[0].quote.submission
    words = NEEDLES[[one.id for one in rows].index(quoted)]
    browser = sign_in(factories.account(session, Role.POLICYMAKER))
    assert words in browser.get(f"/desk/digests/{digest.id}").text
    decide(session, next(one for one in rows if one.id == quoted), State.WITHDRAWN)
    assert words not in browser.get(f"/desk/digests/{digest.id}").text


def test_what_we_heard_and_the_paragraph_show_arguments_once_they_change(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session)
    said(session, row, *NEEDLES)
    results_cache.refresh(session, consultation_id=row.id)
    heard, place = f"/c/{row.slug}/said", f"/c/{row.slug}/p/1.1"
    assert "Requests and reasons" not in client.get(heard).text
    assert "3 (100%) are part of an argument or a campaign." in client.get(heard).text
    before = client.get(place)
    found = holding(session, row, NEEDLES[0])
    assert not any(words in client.get(heard).text for words in NEEDLES)
    arguments.name_argument(
        session, argument_id=found.id, by=factories.account(session, Role.ADMIN), words="Fund the exchange"
    )
    session.commit()
    again = client.get(place, headers={"If-None-Match": before.headers["ETag"]})
    assert (again.status_code, "Fund the exchange" in again.text) == (200, True)
    numbered(session)
    assert row.id in results_cache.list_outdated(session)


def test_a_campaign_or_an_argument_covers_a_submission_once(session: Session) -> None:
    row = factories.consultation(session)
    letter = (
        "Please keep the target of sixty per cent in paragraph one of this plan. Our members in every province have "
        "waited for a plan that names a number and a year, and we will hold the ministry to both of them."
    )
    for number in range(8):
        file(session, row, letter + (f" {NEEDLES[number]}" if number < 3 else ""), published=True)
    file(
        session,
        row,
        comment(session, row, "Nobody else speaks of the rural clinics in our hills.", "1.2"),
        published=True,
    )
    follow(session, row)
    said(session, row)
    found = compiled(session, row).body.coverage
    assert (found.published, found.campaigns, found.arguments, found.either) == (9, 8, 3, 8)


_COVERED = text(
    """
    SELECT coalesce(sum(g.published), 0), coalesce(sum(g.published) FILTER (WHERE g.kind IN ('exact', 'letter')), 0)
    FROM text_group g WHERE g.consultation_id = :consultation AND EXISTS (
        SELECT 1 FROM claim c WHERE c.consultation_id = g.consultation_id AND c.text_hash = g.text_hash
            AND c.argument_id IS NOT NULL AND c.campaign_id IS NULL
    )
    """
)


def test_what_arguments_cover_stays_right_whatever_becomes_of_statements_and_submissions(session: Session) -> None:
    row = factories.consultation(session)
    by = factories.account(session, Role.ADMIN)

    def check() -> int:
        covered = personal_copies.compile_on_demand(session, row).body.coverage
        session.commit()
        argued, copied = session.execute(_COVERED, {"consultation": row.id}).one()
        totals = queries.get_totals(session, row.id)
        assert covered.arguments == argued
        assert covered.either == totals.published_in_campaigns + argued - copied
        return int(argued)

    rows = [file(session, row, words, published=True) for words in (*NEEDLES, *NEEDLES[:1], *PRISONS)]
    said(session, row)
    first = check()
    assert first == len(rows)
    decide(session, rows[0], State.WITHHELD)
    follow(session, row)
    second = check()
    assert second < first
    argument = holding(session, row, NEEDLES[1])
    taken = session.scalars(select(Claim.id).where(Claim.argument_id == argument.id)).all()
    arguments.remove_statements(session, argument_id=argument.id, claim_ids=taken, by=by)
    session.commit()
    assert check() < second
    file(session, row, NEEDLES[1], published=True)
    decide(session, rows[-1], State.ERASED)
    follow(session, row)
    check()
    for _ in range(4):
        file(session, row, PRISONS[0], published=True)
    said(session, row)  # a letter's words are nobody's statement
    check()
