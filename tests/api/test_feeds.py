"""Feeds, sitemap, catalogue and descriptions for search engines: complete, valid and free of what is not public."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree
from rdflib import DCAT, RDF, Graph
from rdflib.compare import isomorphic
from sqlalchemy.orm import Session

from consult.api.catalogue import datasets
from consult.api.feeds import events
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from tests import factories, filing

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def row(session: Session) -> Consultation:
    return factories.consultation(session, title='Plan "A" & <more>')


def record(session: Session, row: Consultation, kind: Kind) -> None:
    ledger.record(session, kind, subject_id=row.id, consultation_id=row.id, detail={}, at=now())


def read_feed(client: FlaskClient, path: str) -> Any:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml")
    return etree.fromstring(answer.data)


def list_ids(feed: Any) -> list[str]:
    return [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]


def test_the_feed_of_a_consultation_has_answers_and_digests(
    session: Session, client: FlaskClient, row: Consultation
) -> None:
    tag = client.get(f"/c/{row.slug}/feed.atom").headers["ETag"]
    for kind in (Kind.RESPONSE_GIVEN, Kind.RESPONSE_AMENDED, Kind.DIGEST_COMPILED):
        record(session, row, kind)
    record(session, factories.consultation(session), Kind.RESPONSE_GIVEN)
    session.commit()
    feed = read_feed(client, f"/c/{row.slug}/feed.atom")
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
    assert titles[:3] == [
        f"{label}: {row.title}"
        for label in ("Digest sent to policymakers", "Official answer changed", "Official answer given")
    ]
    links = [entry.find(f"{ATOM}link").get("href") for entry in feed.iter(f"{ATOM}entry")]
    assert links[0].endswith(f"/c/{row.slug}/said")
    assert sum("Official answer given" in title for title in titles) == 1
    assert client.get(f"/c/{row.slug}/feed.atom", headers={"If-None-Match": tag}).status_code == 200


def test_every_event_is_once_in_the_archive_and_complete_documents_do_not_change(
    session: Session, client: FlaskClient, row: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "RANGE", 4)
    hidden = factories.consultation(session, phase="draft", title="Not yet public")
    for number in range(11):
        record(session, hidden if number == 5 else row, Kind.CONSULTATION_CHANGED)
        filing.file(session, row, f"Words {number}", published=True)
    filing.numbered(session)
    current = read_feed(client, "/changes.atom")
    seen, feed = list_ids(current), current
    while (archive := feed.find(f"{ATOM}link[@rel='prev-archive']")) is not None:
        feed = etree.fromstring(client.get(archive.get("href")).data)
        seen += list_ids(feed)
    wanted = {f"event-{one.number}" for one in events.changes.find_rows(session, events.KINDS, after=0, most=500)}
    assert {one.rpartition(",2026:")[2] for one in seen} == wanted
    assert len(seen) == len(set(seen))
    assert len(wanted) >= 10
    first = client.get("/changes/1.atom").data
    assert b"Not yet public" not in first + etree.tostring(current)
    record(session, row, Kind.CONSULTATION_CHANGED)
    filing.numbered(session)
    assert client.get("/changes/1.atom").data == first
    assert client.get(f"/changes/{events.count_archives(session) + 1}.atom").status_code == 404


def test_changes_lead_to_the_page_of_their_subject(session: Session, client: FlaskClient, row: Consultation) -> None:
    record(session, row, Kind.RESPONSE_GIVEN)
    filing.numbered(session)
    changes = {one["kind"]: one["page"] for one in client.get("/api/v1/changes?limit=200").json["data"]}
    assert changes["response.given"].endswith(f"/c/{row.slug}/outcome")


def test_the_sitemap_lists_public_pages_that_exist(session: Session, client: FlaskClient, row: Consultation) -> None:
    hidden = factories.consultation(session, phase="draft", title="Not yet public")
    assert "/sitemap.xml" in client.get("/robots.txt").text
    listed = []
    for part in etree.fromstring(client.get("/sitemap.xml").data).iter(f"{SITEMAP}loc"):
        listed += [one.text for one in etree.fromstring(client.get(part.text).data).iter(f"{SITEMAP}loc")]
    assert len(listed) == len(set(listed))
    assert any(one.endswith(f"/c/{row.slug}") for one in listed)
    assert not any(hidden.slug in one for one in listed)
    assert [one for one in listed if client.get(one).status_code != 200] == []
    assert client.get("/sitemap/pages-2.xml").status_code == 404


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib's JSON-LD reader warns of rdflib itself
def test_both_forms_of_the_catalogue_say_the_same_of_every_consultation(
    session: Session, client: FlaskClient, row: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "SIZE", 2)
    for _each in range(3):
        factories.consultation(session)
    hidden = factories.consultation(session, phase="draft", title="Not yet public")
    found: set[str] = set()
    for page in (1, 2):
        turtle = Graph().parse(data=client.get(f"/catalog.ttl?page={page}").data, format="turtle")
        linked = Graph().parse(data=client.get(f"/catalog.jsonld?page={page}").data, format="json-ld")
        for graph in (turtle, linked):  # the addresses of pages differ by form
            for subject in list(graph.subjects()):
                if "catalog." in str(subject):
                    graph.remove((subject, None, None))
        assert isomorphic(turtle, linked)
        found |= {str(one) for one in turtle.subjects(RDF.type, DCAT.Dataset)}
    assert sum("/c/" in one for one in found) == 4
    assert not any(hidden.slug in one for one in found)
    assert client.get("/catalog.ttl?page=3").status_code == 404
    file = next(one for one in turtle.objects(None, DCAT.downloadURL) if str(one).endswith("comments.csv"))
    assert client.get(str(file)).status_code == 200


def test_a_consultation_is_described_for_search_engines(client: FlaskClient, row: Consultation) -> None:
    page = client.get(f"/c/{row.slug}").text
    [said] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    nodes = {node["@type"]: node for node in json.loads(said)["@graph"]}
    assert set(nodes) == {"Event", "Legislation", "Dataset"}
    assert nodes["Event"]["name"] == row.title
    assert nodes["Event"]["startDate"] == row.opens_at.isoformat()
    assert nodes["Dataset"]["url"].endswith(f"/c/{row.slug}/files")
