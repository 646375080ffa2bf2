from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from consult.analysis.queries import AnalysisTotals
from consult.digests.content.body import ConsultationFacts, CountHeadline, ReaderDuty
from consult.digests.content.body_json import canonical_form
from consult.digests.content.compilation import compile_body
from consult.digests.content.material import DigestInput, DigestPlace, DoesNotAddUp, WindowNews

DAY = datetime(2026, 12, 21, 5, tzinfo=UTC)
FACTS = ConsultationFacts(
    "plan", "DP27", "Plan", "Body", "en", "Europe/Vienna", DAY, DAY + timedelta(days=30), date(2027, 3, 31)
)
PLACES = [DigestPlace(f"p{n}", "provision", f"{n}", f"{n}", "words") for n in (1, 2, 3)]


def material(spoken: dict[str, dict[str, int]], **values: Any) -> DigestInput:
    published = max([row["any"] for row in spoken.values()], default=0)
    totals = AnalysisTotals(
        upto=50, received=published + 1, published_individually=published, pending=1, texts=published + 1
    )
    news = WindowNews(received=published + 1, published=published, texts=published + 1)
    given = DigestInput(
        FACTS, "weekly", 4, DAY, DAY, 1, 50, news, totals, places=PLACES, stances=spoken, stances_new=spoken
    )
    return replace(given, **values)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"p2": {"any": 18, "concern": 14, "support": 6}}, {"kind": "stance", "stance": "concern", "n": 14, "of": 18}),
        ({"p2": {"any": 18, "concern": 7, "support": 7}}, {"kind": "split", "stances": ("concern", "support"), "n": 7}),
        ({"p2": {"any": 9, "concern": 4, "": 5}}, {"kind": "place", "of": 9, "published": 9}),
        ({"p1": {"any": 1, "support": 1}}, {"kind": "stance", "n": 1, "of": 1}),
        ({"p2": {"any": 3, "wording": 3}, "p1": {"any": 2, "support": 2}}, {"kind": "stance", "of": 3, "number": "2"}),
        ({"p3": {"any": 2, "support": 2}, "p1": {"any": 2, "concern": 2}}, {"kind": "stance", "number": "1"}),
        ({}, {"kind": "received", "n": 1}),
    ],
)  # fmt: skip
def test_the_headline_is_what_most_said_on_the_busiest_paragraph(said: Any, found: dict[str, Any]) -> None:
    headline = compile_body(material(said)).headline
    assert {name: getattr(headline, name) for name in found} == found


def test_places_are_ordered_by_new_submitters_and_never_by_copies() -> None:
    said = {"p1": {"any": 2, "": 2}, "p2": {"any": 5, "": 5}, "p3": {"any": 2, "": 2}, "": {"any": 9, "": 9}}
    places = [*PLACES, DigestPlace("", "whole", "", "", "")]
    rows = compile_body(material(said, places=places)).places
    assert [row.key for row in rows] == ["p2", "p1", "p3", ""]


@pytest.mark.parametrize(
    ("closes", "answer_by", "duty"),
    [
        (DAY + timedelta(days=3), None, {"kind": "open", "days": 3}),
        (DAY - timedelta(days=3), None, {"kind": "none"}),
        (DAY - timedelta(days=3), date(2027, 1, 2), {"kind": "answer", "days": 12}),
        (DAY - timedelta(days=3), date(2026, 12, 1), {"kind": "overdue", "days": 20}),
    ],
)
def test_the_duty_is_what_is_asked_of_the_reader(closes: datetime, answer_by: date | None, duty: Any) -> None:
    facts = replace(FACTS, closes_at=closes, answer_by=answer_by)
    assert compile_body(material({}, facts=facts)).duty == ReaderDuty(**duty)


@pytest.mark.parametrize(
    "wrong",
    [
        {"totals": AnalysisTotals(upto=50, received=5, pending=4, texts=5)},
        {"totals": AnalysisTotals(upto=49, received=1, pending=1, texts=1)},
        {"totals": AnalysisTotals(upto=50, received=1, pending=2, withheld=-1, texts=1)},
        {"news": WindowNews(received=2)},
        {"stances": {"p1": {"any": 2, "": 1}}},
        {"stances_new": {"p1": {"any": 1, "": 1}}},
    ],
)
def test_numbers_that_contradict_each_other_are_never_sent(wrong: dict[str, Any]) -> None:
    with pytest.raises(DoesNotAddUp):
        compile_body(material({}, **wrong))


def test_the_manifest_says_from_what_and_by_which_rules() -> None:
    one, two = compile_body(material({})), compile_body(material({}, since=2))
    assert one.manifest.window == (1, 50)
    assert set(one.manifest.rules) == {"body", "quotes", "normal", "campaign", "heard", "since", "arguments"}
    assert one.manifest.input != two.manifest.input
    assert canonical_form(one) == canonical_form(compile_body(material({})))


def test_one_comment_among_many_is_not_the_headline() -> None:
    said = {"p1": {"any": 1, "support": 1}, "p2": {"any": 1, "concern": 1}}
    totals = AnalysisTotals(upto=50, received=2, published_individually=2, texts=2)
    news = WindowNews(received=2, published=2, texts=2)
    assert compile_body(material(said, totals=totals, news=news)).headline == CountHeadline(kind="published", n=2)
    closing = compile_body(material(said, totals=totals, news=news, cadence="closing"))
    assert closing.headline == CountHeadline(kind="closed", n=2)
