"""Case studies: written, sent, published, amended, cited, withdrawn; the three judgements on the page."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.case_studies import cited, exports, queries, service, uses
from consult.case_studies.appraisal import service as appraisal
from consult.case_studies.appraisal.certainty import GradeDomain
from consult.case_studies.content import StudySource, from_json
from consult.case_studies.model import (
    CaseStudy,
    CaseStudyCitation,
    CaseStudyTerm,
    Direction,
    FormerAppraisal,
    PartKind,
    SourceDesign,
    StudyState,
    WithdrawnBy,
)
from consult.case_studies.queries import StudyFilter
from consult.case_studies.review.process import USE_PROCESS
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.web.access import Role
from consult.decisions.kinds import InterestedDecider
from consult.decisions.model import Outcome
from consult.ledger import service as ledger
from consult.ledger.model import LedgerEntry
from consult.mail.model import Letter
from consult.submissions.model import Draft
from consult.taxonomy import lenses, skos
from consult.taxonomy import queries as taxonomy
from consult.taxonomy import service as taxonomy_service
from tests import factories, filing
from tests.case_studies.written import (
    CONTENT,
    appraiser,
    decide,
    half_a_minute_later,
    judge,
    person,
    publish,
    published,
    written,
)
from tests.counting import statements
from tests.site.tagging import term

SignIn = Callable[[Any], FlaskClient]


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input(?=[^>]*type="hidden")[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))


def test_a_case_study_is_written_in_seven_headings_sent_and_published(session: Session, sign_in: SignIn) -> None:
    author, moderator = person(session), factories.account(session, Role.MODERATOR)
    session.commit()
    client = sign_in(author)
    typed = {
        "title": CONTENT.title, "country": "KE", "began": "2024", "run_by": "Us", "paid_by": "Us", "language": "en",
        "summary": "Open until ten.", "told": "helped", "citation_0": "Register", "design_0": "before_after",
        "n_0": "40",
        **{kind.value: f"Words on {kind.value}" for kind in PartKind},
    }  # fmt: skip
    token = hidden(client.get("/evidence/case-studies/new").text)
    answer = client.post("/evidence/case-studies/new", data={**token, **typed})
    assert re.fullmatch(r"/evidence/case-studies/\d+/topics", answer.headers["Location"])
    row = session.scalars(select(CaseStudy)).one()
    topics = client.get(answer.headers["Location"]).text
    sent = client.post(answer.headers["Location"], data=hidden(topics))
    assert "open><summary>" not in topics, "each vocabulary is folded until something of it is ticked"
    assert sent.headers["Location"].endswith("/check")
    client.post(sent.headers["Location"], data=hidden(client.get(sent.headers["Location"]).text))
    session.expire_all()
    assert row.state is StudyState.WAITING
    assert client.get(f"/evidence/case-studies/{row.reference}").status_code == 404
    reviewing = sign_in(moderator)
    assert CONTENT.title in reviewing.get("/review/case-studies").text
    page = f"/review/case-studies/{row.id}"
    reviewing.post(page, data={**hidden(reviewing.get(page).text), "outcome": "publish"})
    assert half_a_minute_later(session) == 1
    session.commit()
    session.expire_all()
    card = reviewing.get(f"/evidence/case-studies/{row.slug}").text
    assert "Words on wrong" in card
    assert "no independent review" in card
    kinds = session.scalars(
        select(LedgerEntry.kind).where(LedgerEntry.kind.startswith("case_study")).order_by(LedgerEntry.id)
    ).all()
    assert kinds == ["case_study.published"]
    assert session.scalars(select(Letter.key).where(Letter.key.startswith("case_study"))).one()


@pytest.mark.parametrize("said", ["", "Nothing.", "n/a", "rien"])
def test_that_nothing_went_wrong_is_asked_once_more_and_then_shown(
    session: Session, client: FlaskClient, said: str
) -> None:
    row = written(session, parts={**CONTENT.parts, PartKind.WRONG: said})
    author = session.get_one(Account, row.account_id)
    with pytest.raises(Refusal, match="reported no problems") as refused:
        service.send(session, row, by=author, asked=False)
    assert refused.value.field == "wrong"
    publish(session, row)
    session.commit()
    assert "The author reported no problems." in client.get(f"/evidence/case-studies/{row.slug}").text


def test_a_moderator_reads_only_what_was_sent(session: Session, sign_in: SignIn) -> None:
    row, amended = written(session, title="Never sent"), published(session)
    author = session.get_one(Account, amended.account_id)
    changed = replace(from_json(amended.working), title="Never sent either")
    service.edit(session, amended, by=author, revision=amended.revision, content=changed)
    moderator = factories.account(session, Role.MODERATOR)
    session.commit()
    reviewing = sign_in(moderator)
    for page in (f"/review/case-studies/{row.id}", f"/review/case-studies/{amended.id}"):
        answer = reviewing.get(page)
        assert (answer.status_code, "Never sent" in answer.text) == (404, False)
    assert reviewing.get(f"/review/case-studies/{row.id}/withdraw").status_code == 404
    service.send(session, row, by=session.get_one(Account, row.account_id), asked=True)
    session.commit()
    assert "Never sent" in reviewing.get(f"/review/case-studies/{row.id}").text
    service.return_to_author(session, row, by=moderator, reason="Take the names out.")
    session.commit()
    assert reviewing.get(f"/review/case-studies/{row.id}").status_code == 404


def test_what_is_typed_stays_where_something_is_missing(session: Session, sign_in: SignIn) -> None:
    author = person(session)
    session.commit()
    client = sign_in(author)
    token = hidden(client.get("/evidence/case-studies/new").text)
    answer = client.post("/evidence/case-studies/new", data={**token, "title": "Half a story", "language": "en"})
    page = client.get(answer.headers["Location"]).text
    assert "Half a story" in page
    assert "Enter who ran the practice" in page
    assert "The problem: Write a few sentences here." in page
    assert not re.search(r'for="citation_0">\s*Source <', page), "the first source is not optional"
    assert "The page will say that the author reported no problems" in page
    assert hidden(page)["asked"] == "wrong"


@pytest.mark.parametrize(
    ("source", "field"),
    [
        (StudySource(SourceDesign.SURVEY, "https://www.google.com/search?q=drugs"), "citation_0"),
        (StudySource(SourceDesign.SURVEY, "https://pubmed.example/?term=syringe"), "citation_0"),
        (StudySource(SourceDesign.SURVEY, "A report", 0), "n_0"),
    ],
)
def test_a_source_that_shows_nothing_is_refused(session: Session, source: StudySource, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        written(session, sources=[source])
    assert refused.value.field == field


def test_nobody_else_reads_or_changes_a_draft(session: Session, sign_in: SignIn) -> None:
    row, other = written(session), person(session)
    session.commit()
    client = sign_in(other)
    for page in ("edit", "topics", "check", "withdraw", "answer"):
        assert client.get(f"/evidence/case-studies/{row.id}/{page}").status_code == 404
    with pytest.raises(Forbidden):
        service.edit(session, row, by=other, revision=row.revision, content=CONTENT)


def test_the_review_queue_counts_the_case_studies_that_wait(session: Session, sign_in: SignIn) -> None:
    browser = sign_in(factories.account(session, Role.MODERATOR))
    assert "Case studies waiting</a> <b>0</b>" in browser.get("/review").text


def test_a_moderator_decides_on_nothing_of_their_own(session: Session) -> None:
    moderator = person(session, Role.MODERATOR)
    row = written(session, moderator)
    service.send(session, row, by=moderator, asked=True)
    with pytest.raises(InterestedDecider):
        decide(session, row, moderator, Outcome.PUBLISH)


def test_an_amended_case_study_keeps_its_editions_and_is_read_as_before_until_it_is_decided(
    session: Session, client: FlaskClient
) -> None:
    row = published(session)
    author = session.get_one(Account, row.account_id)
    changed = replace(from_json(row.working), summary="It was open until eleven.")
    service.edit(session, row, by=author, revision=row.revision, content=changed)
    session.commit()
    page = f"/evidence/case-studies/{row.slug}"
    assert "until ten" in client.get(page).text
    publish(session, row)
    session.commit()
    assert row.edition == 2
    assert "until eleven" in client.get(page).text
    assert "until ten" in client.get(f"{page}/editions/1").text
    with pytest.raises(DBAPIError, match="stays written"), session.begin_nested():
        session.execute(text("UPDATE case_study_edition SET number = 9"))


def test_a_replaced_appraisal_is_kept_and_the_sum_follows(session: Session) -> None:
    row, who = published(session), appraiser(session)
    judge(session, row, who)
    assert (row.certainty, row.appraised) == (2, 1)
    judge(session, row, who, GradeDomain.BIAS, direction=Direction.MIXED)
    assert (row.certainty, row.direction, row.appraised) == (1, Direction.MIXED, 1)
    former = session.scalars(select(FormerAppraisal)).one()
    assert (former.said["certainty"], former.said["direction"]) == (2, "helped")
    with pytest.raises(DBAPIError, match="stays written"), session.begin_nested():
        session.execute(text("DELETE FROM appraisal"))


def test_the_card_shows_appraisals_side_by_side_and_never_mixes_the_judgements(
    session: Session, client: FlaskClient
) -> None:
    row = published(session)
    judge(session, row, appraiser(session))
    judge(session, row, appraiser(session), GradeDomain.BIAS, direction=Direction.MIXED)
    service.answer_appraisals(session, row, by=session.get_one(Account, row.account_id), words="We counted all.")
    session.commit()
    page = client.get(f"/evidence/case-studies/{row.slug}").text
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "1 reviewer says low, 1 reviewer says very low" in plain
    assert "Starting certainty: low (before-and-after count). One step lower for each of these: risk of bias" in plain
    assert "1 reviewer: helped , 1 reviewer: mixed" in plain or "1 reviewer: helped, 1 reviewer: mixed" in plain
    assert "We counted all." in plain
    with pytest.raises(Refusal):
        service.answer_appraisals(session, row, by=session.get_one(Account, row.account_id), words="word " * 501)


def test_a_new_edition_with_a_trial_is_graded_anew(session: Session) -> None:
    row = published(session)
    judge(session, row, appraiser(session))
    author = session.get_one(Account, row.account_id)
    trial = replace(from_json(row.working), sources=[StudySource(SourceDesign.TRIAL, "A trial, 2025", 200)])
    service.edit(session, row, by=author, revision=row.revision, content=trial)
    publish(session, row)
    assert row.certainty == 4


def cite(session: Session, row: CaseStudy) -> Any:
    consultation = factories.consultation(session)
    sent = filing.file(session, consultation, f"It worked elsewhere ({row.reference}).", published=True)
    cited.find_citations(session, [sent.id])
    session.commit()
    return consultation, sent


def test_a_withdrawn_case_study_is_last_in_every_list_and_has_no_verdict_there(
    session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = term(session, "rights", "health")
    first, second = published(session, title="Old exchange"), published(session, title="Other exchange")
    gone = published(session, title="Gone exchange")
    for row in (first, second, gone):
        session.add(CaseStudyTerm(case_study_id=row.id, term_id=about.id))
        judge(session, row, appraiser(session))
    by = session.get_one(Account, gone.account_id)
    service.withdraw(session, gone, by=by, who=WithdrawnBy.AUTHOR, reason="Counted twice.")
    session.commit()
    order = ["Other exchange", "Old exchange", "Gone exchange"]
    pages = [
        f"/taxonomy/rights/{about.notation}",
        f"/taxonomy/rights/{about.notation}/case-studies",
        "/evidence/case-studies",
        "/search?q=exchange&what=case_study",
    ]
    for page in pages:
        text = client.get(page).text
        found = [text.index(title) for title in order]
        assert found == sorted(found), page
        after = text[found[-1] : found[-1] + 900]
        assert "withdrawn" in after.lower(), page
        assert "Helped" not in after, page
        assert "certainty" not in after, page
    rows = list(csv.DictReader(io.StringIO(client.get("/evidence/case-studies.csv").text)))
    assert [(row["title"], row["outcome"]) for row in rows] == [
        ("Old exchange", "helped"),
        ("Other exchange", "helped"),
        ("Gone exchange", ""),
    ]
    assert "Gone exchange" not in client.get("/evidence/case-studies?outcome=helped").text
    monkeypatch.setattr(queries, "PAGE", 1)
    paged, after = [], None
    for _ in order:
        page = queries.list_studies(session, queries.StudyFilter(), after=after)
        paged += [item.study.title for item in page.items]
        after = page.next_cursor
    assert paged == order
    monkeypatch.setattr(lenses, "PAGE", 1)
    paged, after = [], None
    for _ in order:
        _lens, listed = lenses.list_page(session, "case-studies", {about.id}, after=after)
        paged += [item.title for item in listed.items]
        after = listed.next_cursor
    assert paged == order


def test_a_withdrawn_case_study_says_so_wherever_it_is_cited_and_whoever_cited_it_is_told(
    session: Session, client: FlaskClient
) -> None:
    row = published(session)
    consultation, sent = cite(session, row)
    here = f"/c/{consultation.slug}/comments/{sent.reference}"
    assert "Cites the case study" in client.get(here).text
    author = session.get_one(Account, row.account_id)
    service.withdraw(session, row, by=author, who=WithdrawnBy.AUTHOR, reason="Counted twice.")
    session.commit()
    for page in (here, f"/c/{consultation.slug}/comments", f"/c/{consultation.slug}/p/1.1"):
        assert "Cites a withdrawn case study" in client.get(page).text, page
    card = client.get(f"/evidence/case-studies/{row.slug}").text
    assert "Withdrawn by its author" in card
    assert "Counted twice." in card
    assert "Use in your comment" not in card
    with pytest.raises(Conflict):
        service.withdraw(session, row, by=session.get_one(Account, row.account_id), who=WithdrawnBy.AUTHOR, reason="x")


def test_the_follower_notes_what_a_published_comment_cites(session: Session) -> None:
    row = published(session)
    consultation = factories.consultation(session)
    filing.file(session, consultation, f"See {row.reference.lower()} and CASE-999999.", published=True)
    ledger.number_entries(session)
    while cited.FOLLOWER.follow_site(session):
        pass
    assert [one.case_study_id for one in session.scalars(select(CaseStudyCitation))] == [row.id]
    assert [one.comments for one in cited.list_cited_in(session, consultation.id)] == [1]


def test_the_reference_is_put_into_the_draft_of_a_comment(session: Session, client: FlaskClient) -> None:
    row, consultation = published(session), factories.consultation(session)
    session.commit()
    page = f"/evidence/case-studies/{row.slug}/cite/{consultation.slug}"
    assert consultation.title in client.get(f"/evidence/case-studies/{row.slug}/cite").text
    answer = client.post(page, data={**hidden(client.get(page).text), "place": "1.1"})
    assert answer.headers["Location"] == f"/c/{consultation.slug}/respond/comment/1.1"
    assert row.reference in client.get(answer.headers["Location"]).text
    assert len(session.scalars(select(Draft)).all()) == 1
    check = f"/c/{consultation.slug}/respond/check"
    assert "No published case study" not in client.get(check).text
    row.state = StudyState.DRAFT
    session.commit()
    assert f"has this reference: <bdi>{row.reference}" in client.get(check).text


def test_the_list_is_narrowed_by_words_topic_with_narrower_terms_country_outcome_and_certainty(
    session: Session, client: FlaskClient
) -> None:
    taxonomy_service.load_pack(session, skos.read_pack(taxonomy_service.PACKS / "drug-policy.ttl"))
    article = taxonomy.get_term(session, "treaties", "1961-36")
    one = published(session, terms=[article.id])
    published(session, title="Coffee instead, upper valley", country="PE", told=Direction.MIXED)
    judge(session, one, appraiser(session))
    session.commit()
    assert list(session.scalars(select(CaseStudyTerm.term_id))) == [article.id]
    for query in ("q=syringe", "topic=treaties/1961", "country=KE", "outcome=helped", "certainty=2"):
        page = client.get(f"/evidence/case-studies?{query}").text
        assert "Mombasa" in page, query
        assert "Coffee instead" not in page, query
    assert "Coffee instead" in client.get("/evidence/case-studies?certainty=0").text
    assert "Coffee instead" in client.get("/evidence/case-studies?country=nowhere").text
    rows = [json.loads(line) for line in client.get("/evidence/case-studies.jsonl?country=PE").text.splitlines()]
    assert [row["outcome_by"] for row in rows] == ["author"]
    assert client.get("/evidence/case-studies.csv").text.count("\r\n") == 3
    published(session, title="Day centre", country="ZA")
    session.commit()
    for language, order in (("en", ["KE", "PE", "ZA"]), ("fr", ["ZA", "KE", "PE"])):
        shown = client.get(f"/evidence/case-studies?lang={language}").text
        assert re.findall(r'<option value="([A-Z]{2})"', shown) == order


def test_the_list_and_the_card_take_as_many_statements_with_many_rows(session: Session, client: FlaskClient) -> None:
    row = published(session)
    counts = []
    for more in (1, 6):
        for _ in range(more):
            published(session)
            judge(session, row, appraiser(session))
            uses.report_use(session, row, by=person(session), country="PE", organisation="X", happened="It worked.")
        session.commit()
        for page in ("/evidence/case-studies", f"/evidence/case-studies/{row.slug}"):
            with statements() as made:
                assert client.get(page).status_code == 200
            counts.append(len(made))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 14


def test_a_reference_manager_reads_the_citation(session: Session, client: FlaskClient) -> None:
    row = published(session, title="Exchange & care {evening}", authors=["Amara N."])
    session.commit()
    [item] = json.loads(client.get(f"/evidence/case-studies/{row.slug}/citation.json").text)
    assert (item["type"], item["number"], len(item["author"])) == ("report", row.reference, 2)
    bib = client.get(f"/evidence/case-studies/{row.slug}/citation.bib").text
    assert bib.startswith(f"@techreport{{{row.reference},")
    assert r"title = {{Exchange \& care \lbrace{}evening\rbrace{}}}" in bib
    assert exports.escape_bibtex("\\") == r"\textbackslash{}"


def test_a_report_of_use_is_shown_once_a_moderator_has_read_it(session: Session, client: FlaskClient) -> None:
    row = published(session)
    use = uses.report_use(session, row, by=person(session), country="PE", organisation="Casa Luz", happened="It held.")
    session.commit()
    assert "Casa Luz" not in client.get(f"/evidence/case-studies/{row.slug}").text
    decide(session, use, factories.account(session, Role.MODERATOR), Outcome.PUBLISH, process=USE_PROCESS)
    session.commit()
    assert "Casa Luz" in client.get(f"/evidence/case-studies/{row.slug}").text
    assert "used in 1 other location" in client.get("/evidence/case-studies").text


def test_an_address_that_is_none_is_not_found(session: Session, client: FlaskClient) -> None:
    row = written(session)
    session.commit()
    for wrong in (row.reference, "CASE-", "CASE-99999999999999999999", "nothing", "CASE-²"):
        assert client.get(f"/evidence/case-studies/{wrong}").status_code == 404
    with pytest.raises(NotFound):
        queries.get_edition(session, row, 1)
    assert queries.list_studies(session, StudyFilter()).items == []
    assert appraisal.list_designs(session, row.id) == []


@pytest.mark.parametrize(
    "title",
    ["a } lone", "a { lone", "tail \\", '“quoted” "double"', "الصرف الصحي {٢٠٢٤}", "#1 $5 50 % _x_ ^ ~", "@article{x,"],
)
def test_no_title_breaks_the_entry_of_bibtex(session: Session, title: str) -> None:
    row = published(session, title=title)
    entry = exports.to_bibtex(row, [title, "Health and Care"], "https://x.example/a%20b", title)
    assert entry.count("{") == entry.count("}"), "BibTeX counts each, also behind a backslash"
    depth = 0
    for character in entry.rstrip():
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert entry.count("@techreport{") == 1
    assert exports.to_csl(row, [title], "https://x.example", "Site")["title"] == title
