# mypy: disable-error-code="no-any-return"
"""A digest on paper: the one-page sheet that goes with the letter, and the full report, as blocks of plain data.

The blocks are in the language being spoken; `printing.py` makes a PDF or a DOCX of them. A block is a dict with its
kind in `is`, and most know where they
lead (`url`); `spare` blocks are left out, the highest first, where a sheet would not fit on its page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from consult.core.i18n import _, direction, language, ngettext
from consult.core.templates import number
from consult.digests import contributors, phrases, sections, telling
from consult.mail.rendering import link

Block = dict[str, Any]
Body = Mapping[str, Any]
ORDER = ("support", "concern", "wording", "evidence", "")


@dataclass(frozen=True)
class Ways:
    """Where the numbers and quotes of a printed digest lead: to nothing, where it has no number yet."""

    slug: str
    number: int | None

    def list(self, what: str) -> str:
        return link("digests.listing", number=self.number, what=what) if self.number and what else ""

    def quote(self, said: Mapping[str, Any]) -> str:
        way = link("submissions.one", slug=self.slug, reference=said["reference"], _anchor=f"c{said['comment']}")
        return way if self.number else ""

    def who(self) -> str:
        return link("digests.digest", number=self.number, _anchor="who") if self.number else ""

    def argument(self, number: int) -> str:
        return link("arguments.one", slug=self.slug, number=number) if self.number else ""

    def topic(self, topic: Mapping[str, Any]) -> str:
        return link("digests.digest", number=self.number, about=topic["name"]) if self.number else ""


def one_page(body: Body, number: int | None = None) -> dict[str, Any]:
    """The sheet: finding, numbers, what is asked, what people said, who was heard less, how it was counted."""
    ways = Ways(body["consultation"]["slug"], number)
    blocks = [*_head(body, ways), *_said(body, ways, 3, 1), *sections.points(body, ways.argument, spare=2)]
    blocks += [*_rest(body, ways), *_foot(body, ways)]
    return _document(body, blocks, one_page=True)


def report(body: Body, number: int | None = None) -> dict[str, Any]:
    """Everything: each place with its quotes, topics, groups, letters, the table of all counts, books, manifest."""
    ways = Ways(body["consultation"]["slug"], number)
    blocks = [
        *_head(body, ways),
        *_changes(body, ways),
        *_answered(body, ways),
        *_topics(body, ways),
        *sections.agreement(body, ways.list),
    ]
    blocks += [*_said(body, ways, None, None), *_argued(body, ways), *_letters(body, ways)]
    blocks += [*_rest(body, ways, spare=False), *sections.who(body, ways.list), *_table(body, ways)]
    blocks += [*_books(body, ways), *_foot(body, ways), *_manifest(body)]
    return _document(body, blocks, one_page=False)


def _document(body: Body, blocks: list[Block], *, one_page: bool) -> dict[str, Any]:
    return {
        "title": f"{phrases.edition(body)}: {phrases.headline(body)}", "lang": language(), "dir": direction(),
        "one_page": one_page, "author": body["consultation"]["body"], "page": _("Page"), "blocks": blocks,
    }  # fmt: skip


def _head(body: Body, ways: Ways) -> Iterator[Block]:
    consultation = body["consultation"]
    yield {"is": "over", "text": f"{phrases.edition(body)} · {phrases.period(body)}"}
    yield {"is": "title", "text": phrases.headline(body), "url": ways.list(phrases.finding_list(body))}
    if place := phrases.about(body):
        yield {"is": "words", "text": f"{phrases.place_heading(place)}: ", "words": phrases.isolated(place["words"]),
               "lang": consultation["language"]}  # fmt: skip
    for one in telling.because(body):
        yield {"is": "point", "text": one.text, "url": ways.argument(one.argument)}
    yield {"is": "about", "text": consultation["title"], "by": consultation["body"], "lang": consultation["language"]}
    if asked := phrases.duty(body):
        yield {"is": "notice", "title": phrases.duty_title(body), "text": asked}
    yield {
        "is": "numbers",
        "items": [
            {"n": number(n["new"]), "label": phrases.number_label(name, n["new"]), "url": ways.list(name),
             "note": _("%(n)s in all", n=number(n["total"])), "note_url": ways.list(f"all-{name}")}
            for name, n in phrases.numbers(body)
        ],
    }  # fmt: skip
    if errata := telling.errata(body):
        yield {"is": "heading", "text": _("Errata of earlier editions")}
        yield {"is": "list", "items": [_item(text) for text, _digest in errata]}


def _item(text: str, url: str = "") -> Block:
    """A line of a list, or a cell of a table, and where it leads."""
    return {"text": text, "url": url}


def _changes(body: Body, ways: Ways) -> Iterator[Block]:
    if moved := telling.since(body):
        yield {"is": "heading", "text": _("What changed since the last edition")}
        yield {"is": "list", "items": [_item(line.text, ways.list(line.what)) for line in moved]}


def _answered(body: Body, ways: Ways) -> Iterator[Block]:
    if found := telling.answered(body):
        yield {"is": "heading", "text": telling.answered_title(body)}
        yield {"is": "list", "items": [_item(telling.placed(one), ways.argument(one.argument)) for one in found]}


def _topics(body: Body, ways: Ways) -> Iterator[Block]:
    rows = [
        [_item(telling.topic_name(topic), ways.topic(topic)),
         _n(topic["new"], ways.list(f"about:{topic['name']}")),
         _n(topic["comments"], ways.list(f"all-about:{topic['name']}")), _item(telling.most_say(topic))]
        for topic in telling.topics(body, 20)
    ]  # fmt: skip
    if rows:
        yield {"is": "heading", "text": _("By topic")}
        yield {"is": "table", "head": [_("Topic"), _("New"), _("In all"), _("What most say")], "rows": rows}


def _said(body: Body, ways: Ways, places: int | None, quotes: int | None) -> Iterator[Block]:
    if not body["places"]:
        return
    yield {"is": "heading", "text": _("What people said")}
    for at, place in enumerate(body["places"][:places], start=1):
        spare = {"spare": at} if places and at > 1 else {}
        way = ways.list(f"all-at:{place['key']}")
        yield {"is": "place", "text": f"{at}. {phrases.place_heading(place)}", "words": place["words"],
               "lang": body["consultation"]["language"], "url": way, **spare}  # fmt: skip
        text = f"{phrases.weight(place)}. {phrases.stances(place)}".rstrip()
        yield {"is": "bar", "parts": _parts(place), "text": text, **spare}
        for quote in place["quotes"][:quotes]:
            yield {**_quote(quote, ways), **spare}


def _parts(place: Mapping[str, Any]) -> list[list[Any]]:
    asked = place["kind"] == "question"  # which has answers, not stances
    return [[it or "unsaid", place["stances"][it]] for it in ORDER if place["stances"].get(it) and not asked]


def _quote(quote: Mapping[str, Any], ways: Ways) -> Block:
    if quote.get("gone"):
        return {"is": "quiet", "text": f"{quote['reference']}: {telling.gone(quote)}"}
    source = f"{phrases.attribution(quote)} · {quote['reference']}"
    return {"is": "quote", "text": phrases.quoted(quote), "source": source, "lang": quote["language"],
            "url": ways.quote(quote)}  # fmt: skip


def _argued(body: Body, ways: Ways) -> Iterator[Block]:
    """What is argued, each with one who says it; then, where views divide, what most say on either side."""
    places = {place["key"]: place for place in body["places"]}
    if body.get("arguments"):
        yield {"is": "heading", "text": _("What is argued")}
    for one in body.get("arguments", ()):
        yield {"is": "place", "text": telling.argument_name(one), "words": "", "url": ways.argument(one["id"])}
        there = places.get(one["place"])
        asked = there and there["kind"] == "question" and not one["stance"]
        said = [] if asked else [str(phrases.STANCES[one["stance"]])]
        said += [*([phrases.place_heading(there)] if there else []), telling.voices(one)]
        yield {"is": "quiet", "text": " · ".join(said)}
        yield _quote(one["quote"], ways)
    if body.get("divided"):
        yield from sections.points(body, ways.argument)


def _letters(body: Body, ways: Ways) -> Iterator[Block]:
    if not body["copied"]:
        return
    yield {"is": "heading", "text": _("Letters that many sent")}
    for copied in body["copied"]:
        yield {"is": "list", "items": [_item(telling.copies(copied), ways.list(telling.copies_list(copied)))]}
        for quote in [copied["sample"], *copied.get("contrary", ()), *copied.get("added", ())]:
            if quote:
                yield _quote(quote, ways)


def _rest(body: Body, ways: Ways, *, spare: bool = True) -> Iterator[Block]:
    extra = {"spare": 1} if spare else {}
    news = [_item(line.text, ways.list(line.what)) for line in phrases.news(body)]
    if news:
        yield {"is": "heading", "text": _("What is new"), **extra}
        yield {"is": "list", "items": news[:5] if spare else news, **extra}
    if missing := contributors.heard_less(body):
        yield {"is": "heading", "text": _("Heard less")}
        yield {"is": "list", "items": [_item(line.text, ways.list(line.what) or ways.who()) for line in missing]}


def _table(body: Body, ways: Ways) -> Iterator[Block]:
    names = [str(phrases.STANCES[stance]) for stance in ORDER]
    rows = [
        [_item(phrases.place_label(place)), _n(place["new"], ways.list(f"at:{place['key']}")),
         _n(place["submissions"], ways.list(f"all-at:{place['key']}")),
         *(_n(place["stances"].get(stance, 0), ways.list(f"all-at:{place['key']}:{stance or 'unsaid'}"))
           for stance in ORDER)]
        for place in body["places"]
    ]  # fmt: skip
    if rows:
        yield {"is": "heading", "text": _("Everything that was commented on")}
        yield {"is": "table", "head": [_("Place in the draft"), _("New"), _("In all"), *names], "rows": rows}


def _n(n: int, url: str) -> Block:
    return _item(number(n), url if n else "")


def _books(body: Body, ways: Ways) -> Iterator[Block]:
    yield {"is": "heading", "text": _("The books")}
    rows = [[_item(term.label), _n(term.n, ways.list(term.what))] for term in phrases.books(body)]
    received = body["books"]["received"]
    yield {
        "is": "table", "head": [_("State"), _("Submissions")],
        "rows": [*rows, [_item(ngettext("received", "received", received)), _n(received, ways.list("all-received"))]],
    }  # fmt: skip


def _foot(body: Body, ways: Ways) -> Iterator[Block]:
    for line in telling.coverage(body):
        yield {"is": "quiet", "text": line.text, "url": ways.list(line.what)}
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
