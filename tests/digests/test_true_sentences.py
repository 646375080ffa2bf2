"""Each fixed sentence of a digest is said only where it is true: searched for counter-examples on made-up filings.

The filings are counted here a second time, from what each submission says, and held against what the sentences say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from consult.analysis.queries import ANY_STANCE, AnalysisTotals
from consult.core.i18n import force_locale, ngettext
from consult.core.web.template_filters import format_percent, format_share, percentage
from consult.digests.content import breakdowns
from consult.digests.content import changes as content_changes
from consult.digests.content.body import Body, CountHeadline, CoverageSection
from consult.digests.content.compilation import compile_body
from consult.digests.content.material import DigestPlace, WindowNews
from consult.digests.content.rows import ArgumentRow, CountedPlace, Quote
from consult.digests.render import change_phrases, claims, layout, phrases, template_helpers
from consult.digests.render.phrases import STANCE_NAMES
from tests.digests.content.test_body import PLACES, material
from tests.digests.sentences import SentenceReader

SPOTS = ("p1", "p2", "p3", "q7", "")
KINDS = ("support", "concern", "wording", "evidence", "")
WHERE = [*PLACES, DigestPlace("q7", "question", "7", "1", "words"), DigestPlace("", "whole", "", "", "")]
ASK = settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # fmt: skip


@dataclass(frozen=True)
class Filed:
    """One published submission: what it says where, whether it is a letter's, and whether it is new."""

    says: frozenset[tuple[str, str]]
    letter: bool = False
    new: bool = True

    @property
    def speaks(self) -> bool:
        return any(spot for spot, _kind in self.says)


FILED = st.builds(
    Filed, st.frozensets(st.tuples(st.sampled_from(SPOTS), st.sampled_from(KINDS)), min_size=1, max_size=3),
    st.booleans(), st.booleans(),
)  # fmt: skip
FILINGS = st.lists(FILED, min_size=1, max_size=14)
CAMPAIGN = [Filed(frozenset({("", "")}), letter=True)] * 40 + [Filed(frozenset({("", "concern")}))] * 2
"""What misled: nobody speaks to a paragraph, nearly all send one letter."""
ONE_EACH = [Filed(frozenset({("p1", kind)})) for kind in KINDS[:4]]

THREE_LEVEL = [Filed(frozenset({("p1", kind)})) for kind in KINDS[:3]] * 2
FEW_OF_MANY = [Filed(frozenset({("p1", kind)})) for kind in KINDS[:2]] * 2 + [Filed(frozenset({("p1", "")}))] * 30


def count(filings: list[Filed], spot: str, kind: str | None = None) -> int:
    return sum(any(at == spot and kind in (None, said) for at, said in one.says) for one in filings)


def stances(filings: list[Filed]) -> dict[str, dict[str, int]]:
    """Count types of comment by place, as the analysis does: a submission once at each."""
    found = {
        spot: {ANY_STANCE: count(filings, spot), **{kind: count(filings, spot, kind) for kind in KINDS}}
        for spot in SPOTS
    }
    return {spot: {kind: n for kind, n in row.items() if n} for spot, row in found.items() if row[ANY_STANCE]}


def coverage(filings: list[Filed]) -> Counter[str]:
    return Counter("spoken" if one.speaks else "letter" if one.letter else "unplaced" for one in filings)


def body(filings: list[Filed], **more: Any) -> Body:
    letters, new = sum(one.letter for one in filings), [one for one in filings if one.new]
    n = len(filings)
    totals = AnalysisTotals(
        upto=50, received=n, published_individually=n - letters, published_in_campaigns=letters, texts=n
    )  # fmt: skip
    given = material(
        {}, places=WHERE, totals=totals, news=WindowNews(received=len(new), published=len(new), texts=len(new))
    )
    return compile_body(
        replace(
            given, stances=stances(filings), stances_new=stances(new), counts={"coverage": coverage(filings)}, **more
        )
    )


def numbers(said: str) -> list[str]:
    return re.findall(r"\d[\d,]*(?:\.\d+)?", said)


@pytest.fixture(autouse=True)
def english(app: Flask) -> Iterator[None]:
    with app.test_request_context(), force_locale("en"):
        yield


@ASK
@given(FILINGS)
@example(CAMPAIGN)
def test_what_speaks_to_a_paragraph_is_told_apart_from_what_only_sends_a_letter(filings: list[Filed]) -> None:
    told, found = template_helpers.coverage(body(filings)), coverage(filings)
    first = told[0].text
    assert numbers(first)[:2] == [str(found["spoken"]), str(len(filings))]
    assert first.endswith("are about a paragraph or a question.")
    rest = {line.what: numbers(line.text) for line in told[1:]}
    assert rest.get("all-by-letter") == ([str(found["letter"])] if found["letter"] else None)
    assert rest.get("all-unplaced") == ([str(found["unplaced"])] if found["unplaced"] else None)


def test_a_body_that_was_made_before_says_what_it_counted() -> None:
    """Up to version 3 both were one number: the sentence says so, and never that all speak to a paragraph."""
    kept = replace(body([]), coverage=CoverageSection(published=4905, placed=4901, unplaced=4))
    first = template_helpers.coverage(kept)[0]
    assert first.text == (
        "4,901 of 4,905 published submissions (99.9%) are about a paragraph or a question, or are copies of a "
        "campaign letter."
    )
    assert first.what == "all-placed"


@ASK
@given(FILINGS)
@example(ONE_EACH)
@example([*ONE_EACH, Filed(frozenset({("p1", "concern")}))])
def test_a_kind_is_most_frequent_only_where_no_other_is_and_ties_are_told_as_ties(filings: list[Filed]) -> None:
    for place in body(filings).places:
        said, by_kind = (
            template_helpers.most_frequent(place),
            {kind: count(filings, place.key, kind) for kind in KINDS[:4]},
        )
        most = max(by_kind.values())
        named = [kind for kind in KINDS[:4] if re.search(rf"\b{STANCE_NAMES[kind]}\b", said)]
        assert named == ([kind for kind, n in by_kind.items() if n == most] if most else [])
        if named:
            assert numbers(said)[:2] == [str(most), str(count(filings, place.key))]
            assert (" each" in said) == (len(named) > 1)
            stance = template_helpers.frequent_list(place).removeprefix(f"all-at:{place.key}").removeprefix(":")
            assert stance == (named[0] if len(named) == 1 else "")


@ASK
@given(FILINGS)
@example(ONE_EACH)
@example(THREE_LEVEL)
@example(FEW_OF_MANY)
def test_a_headline_says_what_was_counted(filings: list[Filed]) -> None:
    data = body(filings)
    found, said, new = data.headline, phrases.headline(data), [one for one in filings if one.new]
    if isinstance(found, CountHeadline):
        assert found.kind in ("published", "received", "moved")
        assert (found.n or 0) == (0 if found.kind == "moved" else len(new))
        assert "new" not in said or found.kind != "published", "published in this time, perhaps received before"
        return
    of = count(new, found.place)
    by_kind = {kind: count(new, found.place, kind) for kind in KINDS[:4]}
    assert found.of == of
    if found.kind == "stance":
        n = by_kind[found.stance]
        assert (found.n, 2 * n >= of) == (n, True)
        assert [kind for kind, many in by_kind.items() if many >= n] == [found.stance]
    elif found.kind == "split":
        most = max(by_kind.values())
        assert {kind for kind, n in by_kind.items() if n == most} == set(found.stances)
        assert (found.n, len(found.stances), 4 * most >= of) == (most, 2, True)
    else:
        assert found.published == len(new)


@ASK
@given(FILINGS, FILINGS)
def test_what_changed_since_the_last_edition_is_what_changed(before: list[Filed], later: list[Filed]) -> None:
    was, filings = body(before), before + later
    found = content_changes.compare_editions(was, body(filings).places)
    assert found is not None
    if found.top:
        for counted, name in ((before, found.top.was), (filings, found.top.number)):
            many = {spot: count(counted, spot) for spot in ("p1", "p2", "p3")}
            assert [spot for spot, n in many.items() if n >= many[f"p{name}"]] == [f"p{name}"]
    for shift in found.shifts:
        key, kind = shift.key, shift.stance
        pairs = [(count(one, key, kind), count(one, key)) for one in (before, filings)]
        assert [shift.was_of, shift.now_of] == pairs
        told = change_phrases.since(replace(was, since=replace(found, top=None, first_spoken=(), shifts=(shift,))))[
            0
        ].text
        assert f"{format_share(*pairs[0])} before, {format_share(*pairs[1])} now." in told


@ASK
@given(FILINGS)
def test_most_agree_only_where_one_kind_has_sixty_per_cent_and_no_other_as_many(filings: list[Filed]) -> None:
    for one in breakdowns.find_agreement(body(filings).places, {}, 1):
        n = {kind: count(filings, one.key, kind) for kind in KINDS[:4]}
        assert 100 * n[one.stance] >= 60 * count(filings, one.key)
        assert [kind for kind in n if n[kind] >= n[one.stance]] == [one.stance]


@ASK
@given(st.lists(st.integers(0, 4), min_size=1, max_size=9).filter(any))
def test_the_day_with_most_comments_is_one_where_others_have_as_many(counts: list[int]) -> None:
    days = [(f"2026-12-{at + 1:02}", n) for at, n in enumerate(counts)]
    line = template_helpers.peak(days)
    assert counts[int(line.what[-2:]) - 1] == max(counts)
    assert ("The busiest day was" in line.text) == (counts.count(max(counts)) == 1)


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(st.integers(1, 10**7).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
@example((4901, 4905))
@example((999, 1000))
@example((1, 10**7))
def test_a_percentage_is_rounded_and_never_says_all_or_none_where_it_is_neither(pair: tuple[int, int]) -> None:
    n, of = pair
    found = percentage(n, of)
    assert (found == 0, found == 100) == (n == 0, n == of)
    step = Decimal(1).scaleb(int(found.as_tuple().exponent))
    assert abs(found - Decimal(100) * n / of) <= step / 2
    assert format_percent(n, of).replace(",", "") == f"{found.normalize():f}%"


def test_large_numbers_are_written_with_their_separators(app: Flask) -> None:
    assert ngettext("%(num)s submission", "%(num)s submissions", 4905) == "4,905 submissions"
    shown = app.jinja_env.from_string('{{ ngettext("%(num)s submission", "%(num)s submissions", n) }}')
    assert [shown.render(n=n) for n in (1, 4905)] == ["1 submission", "4,905 submissions"]
    with force_locale("fr"):
        assert ngettext("%(num)s submission", "%(num)s submissions", 4905).startswith("4\u202f905")


QUOTE = Quote(
    comment=1, submission=1, reference="A", start=0, end=1, cut=False, sha256="", language="en", organisation=False,
    stance="", copies=1,
)  # fmt: skip
ARGUMENT = ArgumentRow(
    id=1, place="p1", stance="concern", label="They undercut workers", named=True, voices=23, new=0, statements=23,
    quote=QUOTE,
)  # fmt: skip


def test_the_largest_argument_of_a_place_is_told_with_its_number() -> None:
    place = CountedPlace(
        key="p1", kind="provision", number="1", address="1", words="", position=0, submissions=4905, stances={},
        quotes=(),
    )  # fmt: skip
    said = template_helpers.largest(ARGUMENT, place)
    assert (
        said == "One of the largest arguments in these 4,905 submissions: 23 authors: \u2068They undercut workers\u2069"
    )


def test_alike_words_without_a_name_are_never_told_as_what_all_of_them_say() -> None:
    """A quote is the words of one: only a name that a person gave stands for all."""
    quote = replace(QUOTE, words="F TRUMP!")
    one = replace(ARGUMENT, named=False, label="trump · workers", quote=quote)
    said = {template_helpers.made_by(one), template_helpers.argument_name(one)}
    assert said == {
        "23 authors. One of them wrote: “\u2068F TRUMP!\u2069” (suggested, not checked)",
        "One of 23 authors: “\u2068F TRUMP!\u2069” (suggested, not checked)",
    }
    gone = replace(one, quote=replace(quote, words=None, gone="erased"))
    assert template_helpers.made_by(gone) == "23 authors (suggested, not checked)"
    assert template_helpers.argument_name(gone) == "No label yet (suggested, not checked)"


LARGE = st.lists(st.tuples(FILED, st.sampled_from([1, 1, 2, 3, 60, 999])), min_size=1, max_size=8)
"""Filings, and how many filed each: ties, minorities, and campaigns that drown all else."""


def reader(filings: list[Filed]) -> SentenceReader:
    found = coverage(filings)

    def at(place: str, kind: str | None, new: bool) -> int:
        return count([one for one in filings if one.new or not new], f"p{place}", kind)

    return SentenceReader(at, len(filings), found["spoken"], found["letter"])


def everything_said(data: Body) -> list[str]:
    """Every sentence of the report, the sheet and the letter's subject."""
    papers = (layout.report(data), layout.one_page(data))
    said = [str(block.get("text", "")) for paper in papers for block in paper["blocks"]]
    for block in (block for paper in papers for block in paper["blocks"]):
        said += [str(item.get("text", "")) for item in block.get("items", ())]
    return [*said, phrases.headline(data), *(line.text for line in template_helpers.coverage(data))]


@ASK
@given(LARGE)
@example([(Filed(frozenset({("", "")}), letter=True), 4996), (Filed(frozenset({("p1", "concern")})), 1)])
@example([(Filed(frozenset({("p1", kind)})), 60) for kind in KINDS[:2]])
@example([(Filed(frozenset({("p1", "support"), ("p1", "concern")})), 3)])
@example([(Filed(frozenset({("p1", "support")})), 999), (Filed(frozenset({("p1", "concern")})), 1)])
def test_no_paper_says_what_a_second_count_contradicts(many: list[tuple[Filed, int]]) -> None:
    filings = [one for one, n in many for _copy in range(n)]
    data = body(filings)
    who = breakdowns.build_section({"at": {}, "day": {}}, data.places, 1)
    said = reader(filings).read(everything_said(replace(data, who=who)))
    assert [one for one in said if "are about a paragraph or a question." in one]


def test_a_headline_about_copies_of_a_letter_says_how_few_texts_there_are() -> None:
    filings = [Filed(frozenset({("p1", "concern")}), letter=True)] * 15 + [Filed(frozenset({("p1", "support")}))] * 5
    said = phrases.headline(body(filings, texts={"p1": 6}, texts_new={"p1": 6}))
    finding = "15 of 20 new submissions on paragraph 1 raise concerns"
    assert said == f"{finding} (6 distinct texts among these 20 submissions)"
    many = phrases.headline(body(filings, texts={"p1": 19}, texts_new={"p1": 19}))
    assert many == "15 of 20 new submissions on paragraph 1 raise concerns"


@ASK
@given(LARGE)
def test_parts_that_add_up_to_more_than_the_whole_are_explained(many: list[tuple[Filed, int]]) -> None:
    places = body([one for one, n in many for _copy in range(n)]).places
    over = any(sum(place.stances.values()) > place.submissions for place in places)
    assert bool(claims.note_overlap(places)) == over
