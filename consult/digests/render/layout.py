"""Printed layout of a digest: the e-mail's one-page sheet and the full report, as blocks of plain data.

The blocks (`blocks.py`) are in the current language; `pdf.py` prints them as PDF or DOCX. Most have a link (`url`). If
a sheet does not fit on its page, `spare` blocks are omitted, highest number first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from consult.core.i18n import _, current_language, language_direction, pgettext
from consult.core.scripts import fonts
from consult.core.text import excerpt, separate_changes
from consult.core.web.addresses import public_url
from consult.core.web.template_filters import format_number
from consult.digests.content.body import Body
from consult.digests.content.rows import AMENDMENT, ArgumentRow, CampaignRow, PlaceRow, Quote, TopicRow
from consult.digests.render import (
    brief,
    contributors,
    first_screen,
    phrases,
    report_sections,
    task_phrases,
    template_helpers,
)
from consult.digests.render.blocks import Block, BlockItem, PaperDocument
from consult.digests.render.brief import Section
from consult.digests.render.first_screen import STANCE_ORDER as STANCE_ORDER
from consult.digests.render.report_sections import link_item

SHEET_DEMANDS, _SHEET_NEWS = 4, 5


@dataclass(frozen=True)
class DigestLinks:
    """Links of the numbers and quotes of a printed digest. Empty while it has no ID."""

    slug: str
    number: int | None

    def list(self, what: str) -> str:
        return public_url("digests.listing", number=self.number, what=what) if self.number and what else ""

    def quote(self, said: Quote) -> str:
        way = public_url("submissions.one", slug=self.slug, reference=said.reference, _anchor=f"c{said.comment}")
        return way if self.number else ""

    def who(self) -> str:
        return public_url("digests.digest", number=self.number, _anchor="who") if self.number else ""

    def argument(self, number: int) -> str:
        return public_url("arguments.one", slug=self.slug, number=number) if self.number else ""

    def line(self, line: phrases.LinkedSentence) -> str:
        return line.link(self.slug, self.number) if self.number else ""

    def topic(self, topic: TopicRow) -> str:
        return public_url("digests.digest", number=self.number, about=topic.name) if self.number else ""


def one_page(body: Body, number: int | None = None, *, owed: str = "") -> PaperDocument:
    """Return the sheet: headline, numbers, task, comments, missing groups, method.

    `owed` is the sentence on answers due on the day of printing.
    """
    ways, made = DigestLinks(body.consultation.slug, number), brief.build(body, brief.SHEET)
    blocks = [
        *_head(body, ways, owed),
        *report_sections.side_blocks(body, made.positions, ways.list, {"spare": 3}),
        *_request_lines(body, made.requests, ways),
        *_letter_lines(body, made.letters, ways),
        *(_squares(body, made, ways) if report_sections.has_parts(body) else ()),
        *(_place_blocks(body, ways, 1, 0 if body.arguments else 1) if report_sections.has_parts(body) else ()),
        *report_sections.divided_blocks(body, ways.argument, {"spare": 2}),
        *report_sections.sentence_blocks([made.papers, made.groups], ways.line, {"spare": 2}),
    ]
    blocks += [*_closing_blocks(body, ways), *_foot(body, ways)]
    return _document(body, blocks, one_page=True)


def report(body: Body, number: int | None = None) -> PaperDocument:
    """Return the full report: quotes, topics, groups, campaign letters, counts and manifest."""
    ways, made = DigestLinks(body.consultation.slug, number), brief.build(body, brief.REPORT)
    blocks = [
        *_head(body, ways),
        *report_sections.side_blocks(body, made.positions, ways.list),
        *_argument_blocks(body, made.requests, ways),
        *_letters(body, made.letters, ways),
        *_place_blocks(body, ways, None, None),
        *report_sections.sentence_blocks(made.sentences, ways.line),
        *report_sections.agreement_blocks(body, ways.list),
        *_answered(body, ways),
        *_topics(made.topics, ways),
    ]
    blocks += [
        *_closing_blocks(body, ways, spare=False),
        *report_sections.breakdown_blocks(body, ways.list),
        *_table(body, ways),
    ]
    blocks += [*report_sections.book_blocks(body, ways.list), *_foot(body, ways), *_manifest(body)]
    return _document(body, blocks, one_page=False)


def _document(body: Body, blocks: list[Block], *, one_page: bool) -> PaperDocument:
    return {
        "title": f"{phrases.edition(body)}: {phrases.headline(body)}",
        "lang": current_language(),
        "dir": language_direction(),
        "one_page": one_page,
        "author": body.consultation.body,
        "page": _("Page"),
        "blocks": blocks,
        "lacking": missing_characters_note(),
    }


def missing_characters_note() -> str:
    """Return the note at the end of a document in which characters were replaced."""
    return _("Some characters cannot be printed. This sign replaces each of them: %(sign)s", sign=fonts.REPLACEMENT)


def _head(body: Body, ways: DigestLinks, owed: str = "") -> Iterator[Block]:
    consultation = body.consultation
    yield {"is": "over", "text": f"{phrases.edition(body)} · {phrases.period(body)}"}
    yield {"is": "title", "text": phrases.headline(body), "url": ways.list(phrases.finding_list(body))}
    yield from report_sections.about_blocks(body)
    for one in template_helpers.because(body):
        yield {"is": "point", "text": one.text, "url": ways.argument(one.argument)}
    yield {"is": "about", "text": consultation.title, "by": consultation.body, "lang": consultation.language}
    if asked := " ".join(filter(None, (task_phrases.duty(body), owed))):
        title = task_phrases.duty_title(body) if task_phrases.duty(body) else _("Waiting for an answer")
        yield {"is": "notice", "title": title, "text": asked}
    yield {
        "is": "numbers",
        "items": [
            {
                "n": format_number(n.new),
                "label": phrases.number_label(name, n.new),
                "url": ways.list(name),
                "note": _("%(n)s in all", n=format_number(n.total)),
                "note_url": ways.list(f"all-{name}"),
            }
            for name, n in phrases.numbers(body)
        ],
    }
    if errata := template_helpers.errata(body):
        yield {"is": "heading", "text": _("Corrections to earlier digests")}
        yield {"is": "list", "items": [link_item(text) for text, _digest in errata]}


def _answered(body: Body, ways: DigestLinks) -> Iterator[Block]:
    if found := template_helpers.answered(body):
        yield {"is": "heading", "text": template_helpers.answered_title(body)}
        yield {
            "is": "list",
            "items": [link_item(template_helpers.placed(one), ways.argument(one.argument)) for one in found],
        }


def _topics(section: Section[TopicRow], ways: DigestLinks) -> Iterator[Block]:
    rows = [
        [
            link_item(template_helpers.topic_name(topic), ways.topic(topic)),
            _number_item(topic.new, ways.list(f"about:{topic.name}")),
            _number_item(topic.comments, ways.list(f"all-about:{topic.name}")),
            link_item(template_helpers.most_frequent(topic)),
        ]
        for topic in section.rows
    ]
    if rows:
        yield {"is": "heading", "text": section.title}
        yield {
            "is": "table",
            "head": [_("Topic"), pgettext("new submissions", "New"), _("Total"), _("Most frequent type")],
            "rows": rows,
        }
        yield from _rest(section.rest)


def _squares(body: Body, made: brief.Brief, ways: DigestLinks) -> Iterator[Block]:
    """Yield the parts of the draft with most comments to one scale, as a square per comment or as bars."""
    drawn = first_screen.figure(made)
    if drawn is None or not drawn.places:
        return
    yield {"is": "heading", "text": _("Comments by paragraph"), "spare": 1}
    yield {
        "is": "places",
        "text": drawn.key,
        "places": [
            {
                "name": phrases.place_label(place),
                "words": (place.title or excerpt(place.words, 48)) if place.kind == "provision" else "",
                "url": ways.list(f"all-at:{place.key}"),
                "n": format_number(place.submissions),
                "squares": drawn.squares(place) if place.kind != "question" else [],
                "bar": [(name, share / 100) for name, share in drawn.place_bar(place).parts],
            }
            for place in drawn.places
        ],
        "key": [(name or "unsaid", str(phrases.STANCE_NAMES[name])) for name in STANCE_ORDER if drawn.shows(name)],
        "lang": body.consultation.language,
        "spare": 1,
    }
    if made.places.rest:
        yield {"is": "quiet", "text": made.places.rest, "spare": 1}


def _place_blocks(body: Body, ways: DigestLinks, places: int | None, quotes: int | None) -> Iterator[Block]:
    if not body.places:
        return
    yield {"is": "heading", "text": _("Comments by part of the draft")}
    yield from _rest(template_helpers.no_kinds(body))
    for at, place in enumerate(body.places[:places], start=1):
        spare: Block = {"spare": at} if places and at > 1 else {}
        way = ways.list(f"all-at:{place.key}")
        yield {
            "is": "place",
            "text": f"{at}. {phrases.place_heading(place)}",
            "words": place.words,
            "lang": body.consultation.language,
            "url": way,
            **spare,
        }
        text = f"{phrases.weight(place)}. {phrases.stances(place)}".rstrip()
        yield {"is": "bar", "parts": _bar_parts(place), "text": text, **spare}
        for quote in place.quotes[:quotes]:
            yield {**_quote(quote, ways), **spare}


def _bar_parts(place: PlaceRow) -> list[tuple[str, int]]:
    asked = place.kind == "question"  # questions have responses, not types
    return [(it or "unsaid", place.stances[it]) for it in STANCE_ORDER if place.stances.get(it) and not asked]


def _quote(quote: Quote, ways: DigestLinks) -> Block:
    if quote.gone:
        return {"is": "quiet", "text": f"{quote.reference}: {template_helpers.gone(quote)}"}
    source = f"{phrases.attribution(quote)} · {quote.reference}"
    block: Block = {"is": "quote", "text": phrases.quoted(quote), "source": source, "lang": quote.language}
    if quote.difference:
        block["changes"] = separate_changes(quote.difference)
    return {**block, "url": ways.quote(quote)}


def _argument_blocks(body: Body, section: Section[ArgumentRow], ways: DigestLinks) -> Iterator[Block]:
    """Yield the arguments, each with a quote, then the largest arguments for and against on divided parts."""
    places = {place.key: place for place in body.places}
    if section.rows:
        yield {"is": "heading", "text": section.title}
    for argument in section.rows:
        yield {
            "is": "place",
            "text": phrases.bidi_isolate(template_helpers.argument_name(argument)),
            "words": "",
            "url": ways.argument(argument.id),
        }
        there = places.get(argument.place)
        parts = [str(phrases.STANCE_NAMES[argument.stance])] if argument.stance else []
        parts += [*([phrases.place_heading(there)] if there else []), template_helpers.voices(argument)]
        yield {"is": "quiet", "text": " · ".join(parts)}
        for quote in template_helpers.shown_quotes(argument):
            yield _quote(quote, ways)
    yield from _rest(section.rest)
    yield from _rest(template_helpers.say_requests(body))
    if body.divided:
        yield from report_sections.divided_blocks(body, ways.argument)


def _request_lines(body: Body, section: Section[ArgumentRow], ways: DigestLinks) -> Iterator[Block]:
    """Yield the largest requests of the sheet, each in a line, and how many others and other submissions there are."""
    if not section.rows:
        return
    yield {"is": "heading", "text": section.title}
    items = [link_item(template_helpers.made_by(row), ways.argument(row.id)) for row in section.rows]
    yield {"is": "list", "items": items}
    yield from _rest(section.rest)
    yield from _rest(template_helpers.say_requests(body))


def _letters(body: Body, section: Section[CampaignRow], ways: DigestLinks) -> Iterator[Block]:
    if not section.rows:
        return
    yield {"is": "heading", "text": section.title}
    for copied in section.rows:
        yield from _demands(body, copied, ways, None)
        for quote in [copied.sample, *copied.added]:
            if quote:
                yield _quote(quote, ways)
    yield from _rest(section.rest)


def _rest(said: str) -> Iterator[Block]:
    """Yield a remark under a list, such as the number of omitted entries, if there is one."""
    if said:
        yield {"is": "quiet", "text": said}


def _letter_lines(body: Body, section: Section[CampaignRow], ways: DigestLinks) -> Iterator[Block]:
    """Yield the demands of campaign letters: the first in full, a line for each other."""
    if not section.rows:
        return
    first, *others = section.rows
    yield {"is": "heading", "text": section.title}
    yield from _demands(body, first, ways, SHEET_DEMANDS)
    if others:
        said = [link_item(first_screen.letter_line(it), ways.list(template_helpers.copies_list(it))) for it in others]
        yield {"is": "list", "items": said}
    yield from _rest(section.rest)


def _demands(body: Body, copied: CampaignRow, ways: DigestLinks, most: int | None) -> Iterator[Block]:
    """Yield the size of a campaign, its demands, and its members by how they changed the letter."""
    yield {
        "is": "place",
        "text": template_helpers.new_and_all(copied),
        "words": template_helpers.letter_name(copied),
        "lang": body.consultation.language,
        "url": ways.list(template_helpers.copies_list(copied)),
    }
    if asks := template_helpers.asks(copied):
        yield {"is": "quiet", "text": asks}
    asked = template_helpers.asked(copied)
    for quote in asked[:most]:
        way = ways.quote(quote)
        yield {
            "is": "quote",
            "text": phrases.quoted(quote),
            "source": quote.reference,
            "lang": quote.language,
            "url": way,
        }
    yield from _rest(template_helpers.say_left_out("demands", len(asked[most:]) if most else 0))
    items = [link_item(part.text, ways.list(part.what)) for part in template_helpers.senders(copied)]
    if items:
        yield {"is": "list", "items": items}


def _closing_blocks(body: Body, ways: DigestLinks, *, spare: bool = True) -> Iterator[Block]:
    extra: Block = {"spare": 1} if spare else {}
    news = [link_item(line.text, ways.list(line.what)) for line in phrases.news(body)]
    if news:
        yield {"is": "heading", "text": _("New in this digest"), **extra}
        yield {"is": "list", "items": news[:_SHEET_NEWS] if spare else news, **extra}
        if rest := template_helpers.say_left_out("news", len(news) - _SHEET_NEWS if spare else 0):
            yield {"is": "quiet", "text": rest, **extra}
    if missing := contributors.heard_less(body):
        yield {"is": "heading", "text": _("Groups we heard little from")}
        yield {"is": "list", "items": [link_item(line.text, ways.list(line.what) or ways.who()) for line in missing]}


def _table(body: Body, ways: DigestLinks) -> Iterator[Block]:
    kinds = [kind for kind in (*STANCE_ORDER, AMENDMENT) if any(place.stances.get(kind) for place in body.places)]
    names = [str(phrases.STANCE_NAMES[stance]) for stance in kinds]
    rows = [
        [
            link_item(phrases.place_label(place)),
            _number_item(place.new, ways.list(f"at:{place.key}")),
            _number_item(place.submissions, ways.list(f"all-at:{place.key}")),
            *(
                _number_item(place.stances.get(stance, 0), ways.list(f"all-at:{place.key}:{stance or 'unsaid'}"))
                for stance in kinds
            ),
        ]
        for place in body.places
    ]
    if rows:
        yield {"is": "heading", "text": _("All parts of the draft with comments")}
        yield {
            "is": "table",
            "head": [_("Part of the draft"), pgettext("new submissions", "New"), _("Total"), *names],
            "rows": rows,
        }


def _number_item(n: int, url: str) -> BlockItem:
    return link_item(format_number(n), url if n else "")


def _foot(body: Body, ways: DigestLinks) -> Iterator[Block]:
    for line in template_helpers.coverage(body):
        yield {"is": "quiet", "text": line.text, "url": ways.list(line.what)}
    yield {"is": "quiet", "text": phrases.method(body)}


def _manifest(body: Body) -> Iterator[Block]:
    manifest = body.manifest
    rules = ", ".join(f"{name} {version}" for name, version in manifest.rules.items())
    yield {
        "is": "quiet",
        "text": _("This digest uses the rules %(rules)s. Fingerprint of the data:", rules=rules)
        + f" sha256 {manifest.input}",
    }


def file_name(body: Body, kind: str) -> str:
    """Return the file name, made of letters, digits and dashes only."""
    return f"{body.consultation.slug}-{body.cadence}-{body.edition}.{kind}"
