# mypy: disable-error-code="no-any-return"
"""A digest on paper: the one-page sheet that goes with the letter, and the full report, as blocks of plain data.

The blocks are in the language being spoken; `printing.py` makes a PDF or a DOCX of them. A block is a dict with its
kind in `is`; `spare` blocks are left out, the highest first, where a sheet would not fit on its page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from consult.core.i18n import _, direction, language
from consult.core.templates import number
from consult.digests import phrases, telling

Block = dict[str, Any]
Body = Mapping[str, Any]
ORDER = ("support", "concern", "wording", "evidence", "")


def one_page(body: Body) -> dict[str, Any]:
    """The sheet: finding, numbers, what is asked, what people said, who was heard less, how it was counted."""
    return _document(body, [*_head(body), *_said(body, 3, 1), *_rest(body), *_foot(body)], one_page=True)


def report(body: Body) -> dict[str, Any]:
    """Everything: each place with its quotes, the letters, the table of all counts, the books, the manifest."""
    blocks = [*_head(body), *_changes(body), *_said(body, None, None), *_letters(body), *_rest(body, spare=False)]
    blocks += [*_table(body), *_books(body), *_foot(body), *_manifest(body)]
    return _document(body, blocks, one_page=False)


def _document(body: Body, blocks: list[Block], *, one_page: bool) -> dict[str, Any]:
    return {
        "title": f"{phrases.edition(body)}: {phrases.headline(body)}", "lang": language(), "dir": direction(),
        "one_page": one_page, "author": body["consultation"]["body"], "page": _("Page"), "blocks": blocks,
    }  # fmt: skip


def _head(body: Body) -> Iterator[Block]:
    consultation = body["consultation"]
    yield {"is": "over", "text": f"{phrases.edition(body)} · {phrases.period(body)}"}
    yield {"is": "title", "text": phrases.headline(body)}
    yield {"is": "about", "text": consultation["title"], "by": consultation["body"], "lang": consultation["language"]}
    yield {
        "is": "numbers",
        "items": [
            {"n": number(n["new"]), "label": phrases.number_label(name, n["new"]),
             "note": _("%(n)s in all", n=number(n["total"]))}
            for name, n in phrases.numbers(body)
        ],
    }  # fmt: skip
    if asked := phrases.duty(body):
        yield {"is": "notice", "title": _("Waiting for you"), "text": asked}
    if errata := telling.errata(body):
        yield {"is": "heading", "text": _("Errata of earlier editions")}
        yield {"is": "list", "items": [text for text, _digest in errata]}


def _changes(body: Body) -> Iterator[Block]:
    if moved := telling.since(body):
        yield {"is": "heading", "text": _("What changed since the last edition")}
        yield {"is": "list", "items": moved}


def _said(body: Body, places: int | None, quotes: int | None) -> Iterator[Block]:
    if not body["places"]:
        return
    yield {"is": "heading", "text": _("What people said")}
    for at, place in enumerate(body["places"][:places], start=1):
        spare = {"spare": at} if places and at > 1 else {}
        yield {"is": "place", "text": f"{at}. {phrases.place_heading(place)}", "words": place["words"],
               "lang": body["consultation"]["language"], **spare}  # fmt: skip
        yield {"is": "bar", "parts": _parts(place), "text": f"{phrases.weight(place)}. {phrases.stances(place)}",
               **spare}  # fmt: skip
        for quote in place["quotes"][:quotes]:
            yield {**_quote(quote), **spare}


def _parts(place: Mapping[str, Any]) -> list[list[Any]]:
    return [[stance or "unsaid", place["stances"][stance]] for stance in ORDER if place["stances"].get(stance)]


def _quote(quote: Mapping[str, Any]) -> Block:
    if quote.get("gone"):
        return {"is": "quiet", "text": f"{quote['reference']}: {telling.gone(quote)}"}
    source = f"{phrases.attribution(quote)} · {quote['reference']}"
    return {"is": "quote", "text": phrases.quoted(quote), "source": source, "lang": quote["language"]}


def _letters(body: Body) -> Iterator[Block]:
    if not body["copied"]:
        return
    yield {"is": "heading", "text": _("Letters that many sent")}
    for copied in body["copied"]:
        yield {"is": "text", "text": telling.copies(copied)}
        for quote in [copied["sample"], *copied.get("contrary", ()), *copied.get("added", ())]:
            if quote:
                yield _quote(quote)


def _rest(body: Body, *, spare: bool = True) -> Iterator[Block]:
    extra = {"spare": 1} if spare else {}
    news = [line.text for line in phrases.news(body)]
    if news:
        yield {"is": "heading", "text": _("What is new"), **extra}
        yield {"is": "list", "items": news[:5] if spare else news, **extra}
    if missing := telling.heard_less(body):
        yield {"is": "heading", "text": _("Heard less")}
        yield {"is": "list", "items": missing}


def _table(body: Body) -> Iterator[Block]:
    names = [str(phrases.STANCES[stance]) for stance in ORDER]
    rows = [
        [phrases.place_label(place), number(place["new"]), number(place["submissions"]),
         *(number(place["stances"].get(stance, 0)) for stance in ORDER)]
        for place in body["places"]
    ]  # fmt: skip
    if rows:
        yield {"is": "heading", "text": _("Everything that was commented on")}
        yield {"is": "table", "head": [_("Place in the draft"), _("New"), _("In all"), *names], "rows": rows}


def _books(body: Body) -> Iterator[Block]:
    yield {"is": "heading", "text": _("The books")}
    rows = [[term.label, number(term.n)] for term in phrases.books(body)]
    yield {"is": "table", "head": [_("State"), _("Submissions")],
           "rows": [*rows, [_("received"), number(body["books"]["received"])]]}  # fmt: skip


def _foot(body: Body) -> Iterator[Block]:
    if covered := telling.coverage(body):
        yield {"is": "quiet", "text": covered.text}
    yield {"is": "quiet", "text": phrases.method(body)}


def _manifest(body: Body) -> Iterator[Block]:
    manifest = body["manifest"]
    rules = ", ".join(f"{name} {version}" for name, version in manifest["rules"].items())
    yield {"is": "quiet", "text": _("Rules: %(rules)s. Input:", rules=rules) + f" sha256 {manifest['input']}"}


def counts(body: Body) -> Iterator[list[Any]]:
    """The table of all counts as rows of a file, the names of its columns first."""
    yield ["place", "words", "new", "in_all", "distinct_texts", *ORDER[:4], "not_said"]
    for place in body["places"]:
        numbers = (place["new"], place["submissions"], place.get("texts", ""))
        stances = (place["stances"].get(stance, 0) for stance in ORDER)
        yield [place["number"] or place["kind"], place["words"], *numbers, *stances]


def file_name(body: Body, kind: str) -> str:
    """The name of the file: of letters, digits and dashes only."""
    return f"{body['consultation']['slug']}-{body['cadence']}-{body['edition']}.{kind}"
