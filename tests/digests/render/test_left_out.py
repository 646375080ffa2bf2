"""Every list of a digest tells how many entries it leaves out: those shown and those left out are all of them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from consult.core.web.access import Role
from consult.digests import letters
from consult.digests.content.rows import (
    ArgumentRow,
    CampaignRow,
    PaperRequest,
    PaperRow,
    PapersSection,
    PlaceRow,
    Quote,
    TopicRow,
)
from consult.digests.model import Digest, HeardSummary
from consult.digests.render import current_quotes, layout
from consult.digests.results import cache as results_cache
from consult.mail.render import render_letter
from tests import factories
from tests.analysis.writing import LETTERS
from tests.filing import file

LISTS = ("letters", "arguments", "topics", "places", "papers")
LENGTHS = st.fixed_dictionaries({name: st.integers(0, 30) for name in LISTS})
LEFT = st.fixed_dictionaries({"copied": st.integers(0, 9), "arguments": st.integers(0, 9), "papers": st.integers(0, 9)})
MORE = {
    "letters": re.compile(r"([\d,]+) more campaign letters?\b"),
    "arguments": re.compile(r"([\d,]+) more arguments?\b"),
    "topics": re.compile(r"([\d,]+) more topics?\b"),
    "papers": re.compile(r"([\d,]+) more position papers?\b"),
    "places": re.compile(r"And ([\d,]+) more in the full digest"),
}


def quote(n: int) -> Quote:
    return Quote(
        comment=10**9 + n, submission=10**9 + n, reference=f"R-{n}", start=0, end=1, cut=False, sha256="",
        language="en", organisation=False, stance="", copies=1,
    )  # fmt: skip


def letter(n: int) -> CampaignRow:
    return CampaignRow(
        key=str(n), total=5 + n, new=5, sample=None, contrary=(), added=(), name=f"letters{n}x", organiser="Somebody",
        declared=True, exact=5 + n, adding=0, own=0, published=5 + n, checked=0,
    )  # fmt: skip


def argument(n: int) -> ArgumentRow:
    return ArgumentRow(
        id=n + 1, place="", stance="", label=f"arguments{n}x", named=True, voices=3, new=1, statements=3, quote=quote(n)
    )


def topic(n: int) -> TopicRow:
    return TopicRow(
        name=f"t:{n}", scheme="t", notation=str(n), labels={"en": f"topics{n}x"}, keys=("p",), direct=True, comments=2,
        new=1, texts=2, texts_new=1, stances={"concern": 2},
    )  # fmt: skip


def place(n: int) -> PlaceRow:
    return PlaceRow(
        key=f"p{n}", kind="provision", number=f"9.{n}", address=f"9.{n}", words=f"places{n}x", position=n,
        submissions=2, stances={"concern": 2}, quotes=(), texts=2, new=1,
        stances_new={"concern": 1}, texts_new=1, copied={},
    )  # fmt: skip


def paper(n: int) -> PaperRow:
    request = PaperRequest(argument=1, name="Fund it", place=None, page=n + 1)
    return PaperRow(evidence=n + 1, reference=f"R-{n}", organisation=f"papers{n}x", pages=9, requests=(request,))


def with_rows(digest: Digest, lengths: Mapping[str, int], left: Mapping[str, int]) -> Any:
    assert digest.body
    return replace(
        digest.body,
        copied=tuple(map(letter, range(lengths["letters"]))),
        arguments=tuple(map(argument, range(min(lengths["arguments"], 6)))),
        topics=tuple(map(topic, range(lengths["topics"]))),
        places=tuple(map(place, range(lengths["places"]))),
        papers=PapersSection(rows=tuple(map(paper, range(lengths["papers"]))), left_out=left["papers"])
        if lengths["papers"]
        else None,
        left_out={name: n for name, n in left.items() if n and name != "papers"}
        | ({"copies": left["copied"]} if left["copied"] else {}),
    )


def texts(blocks: Any) -> Iterator[str]:
    """The words of a paper's blocks."""
    if isinstance(blocks, str):
        yield blocks
    elif isinstance(blocks, Mapping):
        for value in blocks.values():
            yield from texts(value)
    elif isinstance(blocks, (list, tuple)):
        for value in blocks:
            yield from texts(value)


def words_of(page: str) -> str:
    """The words of a page, apart where elements part them."""
    return html.unescape(re.sub(r"<[^>]+>", " ", page))


def count(name: str, text: str) -> tuple[int, int]:
    """Return how many entries of a list a rendering shows, and how many it says it leaves out."""
    shown = len(set(re.findall(rf"{name}\d+x", text)))
    said = {found.group() for found in MORE[name].finditer(text)}
    assert len(said) <= 1, said
    left = re.search(r"[\d,]+", next(iter(said), "0"))
    assert left
    return shown, int(left.group())


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lengths=LENGTHS, left=LEFT)
def test_what_a_rendering_shows_and_what_it_leaves_out_is_all_there_is(
    session: Session,
    sign_in: Callable[[Any], FlaskClient],
    compile: Callable[..., Digest],
    lengths: dict[str, int],
    left: dict[str, int],
) -> None:
    row = factories.consultation(session)
    file(session, row, "Sixty per cent is low.", published=True)
    digest = compile(row)
    body = digest.body = with_rows(digest, lengths, left)
    session.commit()
    whole = {
        "letters": len(body.copied) + left["copied"],
        "arguments": len(body.arguments) + left["arguments"],
        "topics": len(body.topics),
        "places": len(body.places),
        "papers": lengths["papers"] and lengths["papers"] + left["papers"],
    }
    filled = current_quotes.fill_quotes(session, body)
    context = {**letters.build_context(digest, filled), "place": lambda name: name}
    mail = render_letter(letters.TEMPLATE, "en", context)
    report = " ".join(texts(layout.report(filled, digest.id)["blocks"]))
    sheet = " ".join(texts(layout.one_page(filled, digest.id)["blocks"]))
    browser = sign_in(factories.account(session, Role.POLICYMAKER))
    edition = words_of(browser.get(f"/desk/digests/{digest.id}").text)
    renderings = {
        "mail": (words_of(mail.html), LISTS),
        "text": (mail.text, LISTS),
        "report": (report, ("letters", "arguments", "topics", "papers")),
        "sheet": (sheet, ("letters", "papers")),
        "edition": (edition, ("letters", "arguments", "papers")),
    }
    for name, (text, lists) in renderings.items():
        for each in lists:
            if whole[each] and (each != "letters" or body.copied) and (each != "arguments" or body.arguments):
                shown, more = count(each, text)
                assert shown + more == whole[each], (name, each, shown, more)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(letters_=st.integers(1, 12), left=LEFT)
def test_what_we_heard_shows_or_counts_every_letter_and_argument(
    session: Session, client: FlaskClient, letters_: int, left: dict[str, int]
) -> None:
    row = factories.consultation(session)
    file(session, row, "Sixty per cent is low.", published=True)
    results_cache.refresh(session, consultation_id=row.id)
    kept = session.get_one(HeardSummary, row.id)
    kept.data = replace(
        kept.data,
        copied=tuple(map(letter, range(letters_))),
        arguments=tuple(map(argument, range(3))),
        left_out={name: n for name, n in left.items() if n},
    )
    session.commit()
    page = words_of(client.get(f"/c/{row.slug}/said").text)
    for name, whole in (("letters", letters_ + left["copied"]), ("arguments", 3 + left["arguments"])):
        shown, more = count(name, page)
        assert shown + more == whole, (name, shown, more)


def test_a_digest_counts_the_letters_that_it_does_not_hold(
    session: Session, compile: Callable[..., Digest], monkeypatch: Any
) -> None:
    monkeypatch.setattr("consult.digests.content.campaign_queries.MAX_CAMPAIGNS", 1)
    row = factories.consultation(session)
    for number, words in enumerate(LETTERS[:3]):
        for _copy in range(7 - number):
            file(session, row, words, published=True)
    body = compile(row).body
    assert body
    assert (len(body.copied), body.copied[0].new) == (1, 7)
    assert body.left_out == {"copied": 2, "copies": 11}
