"""Evidence is found: by what is said of it, by the words in its files, and by what it is narrowed by."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.web.access import Role
from consult.files import service as files
from consult.files.model import StoredFile
from consult.search import queries, service
from consult.search.model import SearchEntry
from consult.search.query_terms import SearchQuery
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.evidence import service as evidence
from consult.submissions.model import Evidence, EvidenceKind, EvidenceTag, State, Submission
from consult.taxonomy import service as taxonomy
from consult.taxonomy import skos
from consult.taxonomy.model import Term
from tests import factories, filing
from tests.counting import statements
from tests.files.looking import check

_CSV = b"district;note\nNorth;Naloxone reached 214 people\n"
_STUDY = EvidenceItem(
    scheme="doi", reference="10.1000/182", kind=EvidenceKind.STUDY, description="A handbook of reaching people",
    language="en", year=2024, place="Peru", method="Interviews", consent=True,
)  # fmt: skip


@pytest.fixture
def it(session: Session) -> Consultation:
    return factories.consultation(session)


def send(session: Session, it: Consultation, *items: EvidenceItem, on: str = "1.1", **values: Any) -> Submission:
    """A submission with this evidence, pending."""
    row = filing.file(session, it, filing.comment(session, it, "We send figures", on), **values)
    evidence.attach(session, row, items)
    return row


def figures(session: Session, data: bytes = _CSV, **said: Any) -> EvidenceItem:
    """A file that waits for its checks, with what is said of it."""
    row = files.receive(session, data=data, name="figures.csv")
    given = {"kind": EvidenceKind.STATISTICS, "description": "Kits that were handed out", "language": "en"}
    return EvidenceItem(file_id=row.id, name="figures.csv", consent=True, **{**given, **said})


def publish(session: Session, row: Submission) -> None:
    filing.decide(session, row, State.PUBLISHED)


def follow(session: Session) -> None:
    filing.numbered(session)
    while service.FOLLOWER.follow_site(session):
        session.commit()
    service.index_checked_files(session)
    session.commit()


def found(session: Session, **values: Any) -> list[str]:
    results = queries.find_matches(session, SearchQuery(**{"what": "evidence", **values}))
    return [item.exhibit.row.description for item in results.page.items if item.exhibit]


def narrower_term(session: Session) -> Term:
    """A term below another whose notation no other scheme has."""
    once = select(Term.notation).group_by(Term.notation).having(func.count() == 1)
    found = select(Term).where(Term.broader_id.is_not(None), Term.notation.in_(once)).order_by(Term.id)
    return session.scalars(found.limit(1)).one()


def tagged(session: Session, row: Submission, *notations: str) -> list[Term]:
    terms = [session.scalars(select(Term).where(Term.notation == notation)).one() for notation in notations]
    by = factories.account(session, Role.MODERATOR)
    for piece in session.scalars(select(Evidence).where(Evidence.submission_id == row.id)):
        session.add_all(
            EvidenceTag(evidence_id=piece.id, term_id=term.id, tagged_by=by.id, tagged_at=row.received_at)
            for term in terms
        )
    session.flush()
    return terms


def test_evidence_is_found_by_what_is_said_of_it_and_by_the_words_in_its_file(
    session: Session, it: Consultation
) -> None:
    item = figures(session)
    publish(session, send(session, it, item, _STUDY))
    session.commit()
    check(item.file_id or 0)
    follow(session)
    assert found(session) == ["A handbook of reaching people", "Kits that were handed out"]
    assert found(session, words="naloxone") == ["Kits that were handed out"]
    assert found(session, words="reach") == ["A handbook of reaching people", "Kits that were handed out"]
    assert found(session, words="handbooks") == ["A handbook of reaching people"]
    assert found(session, words="10.1000/182") == ["A handbook of reaching people"]
    assert found(session, words="zebra") == []


def test_a_file_that_is_checked_after_publication_is_found_from_then_on(session: Session, it: Consultation) -> None:
    item = figures(session)
    publish(session, send(session, it, item))
    follow(session)
    assert found(session) == []
    check(item.file_id or 0)
    follow(session)
    assert found(session, words="naloxone") == ["Kits that were handed out"]
    before = session.scalars(select(SearchEntry.id).order_by(SearchEntry.id)).all()
    service.index_checked_files(session)
    assert session.scalars(select(SearchEntry.id).order_by(SearchEntry.id)).all() == before


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [("es", "Los servicios llegaron tarde", "servicio llegar"), ("ar", "العلاج متاح في المراكز الصحية", "علاج مراكز")],
)
def test_a_file_is_found_in_its_own_language(
    session: Session, it: Consultation, language: str, text: str, words: str
) -> None:
    item = figures(session, text.encode(), language=language)
    publish(session, send(session, it, item, language="en"))
    session.commit()
    check(item.file_id or 0)
    follow(session)
    assert found(session, words=words) == ["Kits that were handed out"]
    assert found(session, language=language) == ["Kits that were handed out"]
    assert found(session, language="en") == []


def test_evidence_is_narrowed_by_who_sent_it_its_kind_and_what_its_submission_is_on(
    session: Session, it: Consultation
) -> None:
    group = factories.organisation(session, kind="growers")
    row = send(session, it, _STUDY, on="1.2")
    row.country, row.organisation_id, row.submitter_kind = "PE", group.id, "organisation"
    publish(session, row)
    other = EvidenceItem(**{**vars(_STUDY), "kind": EvidenceKind.TESTIMONY, "description": "What a mother told us"})
    publish(session, send(session, it, other, on="2.1", person="Ana"))
    follow(session)
    assert found(session, on="chp_1") == ["A handbook of reaching people"]
    assert found(session, on="chp_2__para_1") == ["What a mother told us"]
    assert found(session, who="person") == ["What a mother told us"]
    assert found(session, group="growers", country="PE", evidence="study") == ["A handbook of reaching people"]
    assert found(session, evidence="testimony") == ["What a mother told us"]
    assert found(session, evidence="legal_text") == []
    assert found(session, consultation_id=it.id + 1) == []


def test_evidence_that_is_not_public_any_more_is_not_found_even_before_the_index_has_followed(
    session: Session, it: Consultation
) -> None:
    row = send(session, it, _STUDY)
    publish(session, row)
    follow(session)
    assert found(session, words="handbook") == ["A handbook of reaching people"]
    filing.decide(session, row, State.WITHDRAWN)
    session.expire_all()
    assert found(session, words="handbook") == []
    follow(session)
    assert session.scalars(select(SearchEntry)).all() == []


def test_erasing_forgets_what_was_indexed_at_once(session: Session, it: Consultation) -> None:
    row = send(session, it, _STUDY)
    publish(session, row)
    follow(session)
    filing.decide(session, row, State.ERASED)
    session.flush()
    assert session.scalars(select(SearchEntry.id).where(SearchEntry.evidence_id.is_not(None))).all() == []


def test_a_topic_holds_the_evidence_about_the_terms_below_it(
    client: FlaskClient, session: Session, it: Consultation
) -> None:
    taxonomy.load_pack(session, skos.read_pack(taxonomy.PACKS / "drug-policy.ttl"))
    row = send(session, it, _STUDY)
    publish(session, row)
    below = narrower_term(session)
    tagged(session, row, below.notation)
    publish(session, send(session, it, EvidenceItem(**{**vars(_STUDY), "description": "A leaflet"})))
    follow(session)
    page = client.get("/evidence").text
    topics = re.search(r'<select[^>]*name="topic".*?</select>', page, re.S)
    assert topics
    above = session.get_one(Term, below.broader_id)
    [key] = re.findall(rf'value="([^"]+/{re.escape(above.notation)})"', topics[0])
    narrowed = client.get(f"/evidence?topic={key}").text
    assert "A handbook of reaching people" in narrowed
    assert "A leaflet" not in narrowed
    assert below.label("en") in narrowed
    assert "A leaflet" in client.get("/evidence?topic=there/is-none").text


def test_comments_and_evidence_are_found_together_or_apart(
    client: FlaskClient, session: Session, it: Consultation
) -> None:
    publish(session, send(session, it, EvidenceItem(**{**vars(_STUDY), "description": "We send a study"})))
    follow(session)
    both = client.get("/search?q=send").text
    assert "We <mark>send</mark> figures" in both
    assert "We send a study" in both
    assert "2 matches" in both
    assert "We send a study" not in client.get("/search?q=send&what=comment").text
    assert "figures" not in client.get(f"/c/{it.slug}/search?q=send&what=evidence").text


def test_the_words_of_a_file_that_match_are_shown_marked(
    client: FlaskClient, session: Session, it: Consultation
) -> None:
    item = figures(session, b"district;note\nNorth;<b>Naloxone</b> came late\n")
    publish(session, send(session, it, item))
    session.commit()
    check(item.file_id or 0)
    follow(session)
    page = client.get("/evidence?q=naloxone").text
    assert "<mark>Naloxone</mark>" in page
    assert "<b>" not in page.split('class="comments"')[1].split("</ul>")[0]
    assert "<mark>" not in client.get("/evidence?q=kits").text


def test_evidence_is_taken_away_with_all_that_is_said_of_it(
    client: FlaskClient, session: Session, it: Consultation
) -> None:
    item = figures(session)
    publish(session, send(session, it, _STUDY, item, organisation="@home"))
    session.commit()
    check(item.file_id or 0)
    follow(session)
    rows = list(csv.DictReader(io.StringIO(client.get(f"/c/{it.slug}/evidence.csv").text)))
    assert [row["kind_of_evidence"] for row in rows] == ["statistics", "study"]
    assert rows[1]["source"] == "10.1000/182"
    assert (rows[1]["year"], rows[1]["about"], rows[1]["submitter"]) == ("2024", "Peru", "'@home")
    assert client.get(rows[0]["source"]).data == _CSV
    [line] = client.get("/evidence.jsonl?evidence=study").text.splitlines()
    assert json.loads(line)["comment"] == "A handbook of reaching people"
    assert len(client.get("/search.jsonl").text.splitlines()) == 3


def test_pages_of_evidence_hold_everything_once(client: FlaskClient, session: Session, it: Consultation) -> None:
    for n in range(45):
        publish(session, send(session, it, EvidenceItem(**{**vars(_STUDY), "description": f"Study {n:02}"})))
    follow(session)
    seen, address = [], "/evidence?q=study"
    while address:
        page = client.get(address).text
        seen += re.findall(r"Study (\d\d)<", page)
        following = re.search(r'<a href="([^"]+)" rel="next">', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert seen == [f"{n:02}" for n in reversed(range(45))]


def test_a_page_of_evidence_sends_as_many_statements_however_much_there_is(
    client: FlaskClient, session: Session, it: Consultation
) -> None:
    addresses, counts = (f"/c/{it.slug}/evidence", "/evidence", "/evidence?q=study"), []
    for batch in (3, 27):
        for n in range(batch):
            publish(
                session, send(session, session.merge(it), EvidenceItem(**{**vars(_STUDY), "description": f"Study {n}"}))
            )
        follow(session)
        for address in addresses:
            client.get(address)
            with statements() as seen:
                client.get(address)
            counts.append(len(seen))
    assert counts[:3] == counts[3:]
    assert max(counts) <= 6, counts


def test_a_moderator_says_what_evidence_is_about_and_it_is_shown_and_kept_when_it_is_amended(
    client: FlaskClient, session: Session, it: Consultation, sign_in: Callable[[Any], FlaskClient]
) -> None:
    taxonomy.load_pack(session, skos.read_pack(taxonomy.PACKS / "drug-policy.ttl"))
    row = send(session, it, EvidenceItem(**{**vars(_STUDY), "description": "Naloxone in two prisons"}))
    publish(session, row)
    number = session.scalars(select(Evidence.id)).one()
    address = f"/c/{it.slug}/evidence/{number}"
    session.commit()
    moderator = sign_in(factories.account(session, Role.MODERATOR))
    assert "Choose topics" in moderator.get(address).text
    form = moderator.get(f"{address}/topics").text
    suggested = re.findall(r'value="(\d+)" id="t\d+"><label[^>]*>([^<]+) <small[^>]*>“<bdi[^>]*>([^<]+)', form)
    assert "naloxone" in " ".join(words.lower() for _id, _label, words in suggested)
    term_id, label, _words = suggested[0]
    assert moderator.post(f"{address}/topics", data={"term": term_id}).status_code == 303
    assert label in client.get(address).text
    assert label in client.get(f"/c/{it.slug}/topics").text
    evidence.replace_all(session, row, evidence.load_items(session, row.id))
    session.flush()
    assert session.scalars(select(EvidenceTag.term_id)).one() == int(term_id)
    number = session.scalars(select(Evidence.id)).one()
    session.commit()
    assert moderator.post(f"/c/{it.slug}/evidence/{number}/topics", data={}).status_code == 303
    assert session.scalars(select(EvidenceTag)).all() == []
    assert moderator.post(f"/c/{it.slug}/evidence/{number}/topics", data={"term": "987654321"}).status_code == 404


def test_only_moderators_and_the_owner_say_what_evidence_is_about(
    client: FlaskClient, session: Session, it: Consultation, sign_in: Callable[[Any], FlaskClient]
) -> None:
    row = send(session, it, _STUDY)
    number = session.scalars(select(Evidence.id)).one()
    address = f"/c/{it.slug}/evidence/{number}/topics"
    owner = session.get_one(Account, it.owner_id)
    session.commit()
    assert sign_in(factories.account(session, Role.MODERATOR)).get(address).status_code == 200
    assert sign_in(owner).get(address).status_code == 403, "before it is published"
    publish(session, row)
    session.commit()
    assert sign_in(owner).get(address).status_code == 200
    assert sign_in(factories.account(session, Role.POLICYMAKER)).get(address).status_code == 403
    assert sign_in(factories.account(session)).get(address).status_code == 403
    assert client.get(address).status_code == 303


def test_the_lens_counts_and_lists_the_evidence_about_a_topic(
    client: FlaskClient, session: Session, it: Consultation
) -> None:
    taxonomy.load_pack(session, skos.read_pack(taxonomy.PACKS / "drug-policy.ttl"))
    row = send(session, it, _STUDY)
    publish(session, row)
    below = narrower_term(session)
    tagged(session, row, below.notation)
    session.commit()
    overview = client.get(f"/c/{it.slug}/topics").text
    assert "1 item of evidence" in overview
    [address] = set(re.findall(rf'href="(/c/{it.slug}/topics/[^"]+/{re.escape(below.notation)})"', overview))
    assert "A handbook of reaching people" in client.get(address).text
    filing.decide(session, row, State.WITHDRAWN)
    session.commit()
    assert "1 item of evidence" not in client.get(f"/c/{it.slug}/topics").text


def test_the_page_of_a_piece_shows_how_its_file_begins_and_hands_it_out(
    client: FlaskClient, session: Session, it: Consultation
) -> None:
    item = figures(session)
    publish(session, send(session, it, item))
    session.commit()
    check(item.file_id or 0)
    number = session.scalars(select(Evidence.id)).one()
    page = client.get(f"/c/{it.slug}/evidence/{number}").text
    assert "Naloxone reached 214 people" in page
    assert f"/c/{it.slug}/evidence/{number}/file" in page
    assert "figures.csv" not in page
    assert session.scalars(select(StoredFile.name)).one() == "figures.csv"
