"""Sections of the full report only: agreement, differences between groups, contributors, comments per day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from consult.core.i18n import _, ngettext
from consult.core.web.template_filters import format_number
from consult.digests.content.body import Body
from consult.digests.content.rows import PlaceAgreement, PlaceRow
from consult.digests.render import contributors, phrases, template_helpers
from consult.digests.render.blocks import Block, BlockItem
from consult.digests.render.brief import Section
from consult.digests.render.phrases import LinkedSentence
from consult.digests.sides import phrases as side_phrases
from consult.digests.sides.phrases import SideRow


def has_parts(body: Body) -> bool:
    """Return False if nobody commented on a part of the draft, and the positions on the whole draft are shown."""
    return not body.sides or any(place.kind != "whole" for place in body.places)


def divided_blocks(body: Body, way: Callable[[int], str], extra: Block | None = None) -> Iterator[Block]:
    """Yield a line for each side of divided parts of the draft. `way` returns the URL of an argument."""
    if found := template_helpers.points(body, 3):
        yield {"is": "heading", "text": template_helpers.points_title(body), **(extra or {})}
        yield {"is": "list", "items": [_point(one, way) for one in found], **(extra or {})}


def _point(one: template_helpers.ArgumentLine, way: Callable[[int], str]) -> BlockItem:
    return {"text": template_helpers.placed(one), "url": way(one.argument)}


def side_blocks(
    body: Body, section: Section[SideRow], way: Callable[[str], str], extra: Block | None = None
) -> Iterator[Block]:
    """Yield the positions on the draft, each with a bar and its list, then how the positions are known."""
    if body.sides is None:
        return
    rows = section.rows
    lines = [[link_item(row.label), link_item(format_number(row.n), way(row.what))] for row in rows]
    yield {"is": "heading", "text": section.title}
    yield _table([_("The draft as a whole"), _("Submissions")], lines, [row.n for row in rows])
    for line in side_phrases.list_method(body.sides):
        yield {"is": "quiet", "text": line, **(extra or {})}


def sentence_blocks(
    sections: Sequence[Section[LinkedSentence]], way: Callable[[LinkedSentence], str], extra: Block | None = None
) -> Iterator[Block]:
    """Yield a list of the rows of each section that is not empty, and what it leaves out."""
    spare: Block = extra or {}
    for section in sections:
        if section.rows:
            yield {"is": "heading", "text": section.title, **spare}
            yield {"is": "list", "items": [link_item(line.text, way(line)) for line in section.rows], **spare}
            if section.rest:
                yield {"is": "quiet", "text": section.rest, **spare}


def agreement_blocks(body: Body, way: Callable[[str], str]) -> Iterator[Block]:
    """Yield points of agreement and differences between kinds of contributors. `way` returns the URL of a list."""
    found, places = body.who, {place.key: place for place in body.places}
    if found and found.agreed:
        yield {"is": "heading", "text": _("Points of wide agreement")}
        yield {"is": "list", "items": [_agreed(one, places[one.key], way) for one in found.agreed]}
    if found and found.differ:
        yield {"is": "heading", "text": _("Differences between groups")}
        for one in found.differ:
            place = places[one.place]
            yield {
                "is": "place",
                "text": phrases.place_heading(place),
                "words": place.words,
                "lang": body.consultation.language,
                "url": way(f"all-at:{place.key}"),
            }
            rows = [
                [
                    link_item(contributors.group_title("kind", row.kind)),
                    link_item(template_helpers.side_share(row), way(contributors.side_list(place.key, row.kind))),
                ]
                for row in one.rows
            ]
            yield _table([_("Type of participant"), _("Keep")], rows)
        yield {
            "is": "quiet",
            "text": _(
                "We compare only submissions that ask to keep or delete the text, or that raise concerns. We "
                "show only types of participant with at least %(k)s such submissions.",
                k=format_number(found.k),
            ),
        }


def _agreed(one: PlaceAgreement, place: PlaceRow, way: Callable[[str], str]) -> BlockItem:
    stance = str(phrases.STANCE_NAMES[one.stance])
    text = f"{phrases.place_heading(place)} · {stance}: {template_helpers.agreed(one)}"
    return {"text": text, "url": way(f"all-at:{place.key}:{one.stance}")}


def breakdown_blocks(body: Body, way: Callable[[str], str]) -> Iterator[Block]:
    """Yield contributors in large enough groups and comments by day, each number with its list."""
    found = body.who
    if not found:
        return
    yield {"is": "heading", "text": _("Participants")}
    yield {
        "is": "quiet",
        "text": _("We never show a group of fewer than %(k)s by itself.", k=format_number(found.k)),
    }
    for title, _name, groups in contributors.breakdowns(found):
        if groups:
            rows = [[link_item(name), link_item(format_number(n), way(what))] for name, n, what in groups]
            yield _table([title, _("Submissions")], rows, [n for _name, n, _what in groups])
    if found.days:
        yield {"is": "heading", "text": _("Comments per day")}
        yield {
            "is": "columns",
            "columns": [n for _day, n in found.days],
            "text": template_helpers.peak(found.days).text,
        }
        days = [
            [link_item(template_helpers.a_day(day)), link_item(format_number(n), way(f"all-day:{day}") if n else "")]
            for day, n in found.days
        ]
        yield _table([_("Day"), _("Comments")], days, [n for _day, n in found.days])


def link_item(text: str, url: str = "") -> BlockItem:
    """Return a list item or table cell with its link."""
    return {"text": text, "url": url}


def _table(head: list[str], rows: list[list[BlockItem]], sizes: Sequence[int] = ()) -> Block:
    """Return a table. With `sizes` each row has a bar, scaled to the longest."""
    most = max(sizes, default=0) or 1
    return {"is": "table", "head": head, "rows": rows, "bars": [n / most for n in sizes]}


def about_blocks(body: Body) -> Iterator[Block]:
    """Yield the part of the draft that the headline is about."""
    place, sentence = phrases.about(body), body.sentence
    if place and sentence and sentence.place == place.key:
        yield {
            "is": "sentence",
            "text": phrases.place_heading(place),
            "words": sentence.text,
            "runs": sentence.parts,
            "lang": body.consultation.language,
        }
    elif place:
        yield {
            "is": "words",
            "text": f"{phrases.place_heading(place)}: ",
            "words": phrases.bidi_isolate(place.words),
            "lang": body.consultation.language,
        }


def book_blocks(body: Body, way: Callable[[str], str]) -> Iterator[Block]:
    """Yield the table of received submissions by status. `way` returns the URL of a list."""
    received = body.books.received
    rows = [
        [link_item(term.label), link_item(format_number(term.n), way(term.what) if term.n else "")]
        for term in phrases.books(body)
    ]
    total = link_item(format_number(received), way("all-received") if received else "")
    rows.append([link_item(ngettext("received", "received", received)), total])
    yield {"is": "heading", "text": _("Submissions received")}
    yield {"is": "table", "head": [_("Status"), _("Submissions")], "rows": rows}
