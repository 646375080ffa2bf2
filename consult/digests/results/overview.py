"""The first screen of “What we heard”: chart of the draft, table and findings. Pure functions."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from consult.core.i18n import _, language_direction, ngettext
from consult.core.text import excerpt
from consult.core.web.template_filters import format_number
from consult.digests.content.rows import ArgumentRow, CountedPlace
from consult.digests.figures.summary import Summary
from consult.digests.render.phrases import STANCE_NAMES, bidi_isolate, in_quotation_marks
from consult.digests.results import draft_line
from consult.digests.results.draft_line import DraftLine, LabelLines, LineColumn, LineGroup
from consult.documents.model import ProvisionKind
from consult.documents.titles import MAX_LENGTH
from consult.submissions import stances
from consult.submissions.anchors.provisions import Chapter, ProvisionNode, ProvisionTree
from consult.submissions.model import Stance

_QUOTED = 150
"""The maximum length of a quote in the chart, in characters."""
_ROW = 52


@dataclass(frozen=True)
class Overview:
    """The chart with its columns, of all chapters or of one, which is `opened`."""

    line: DraftLine | None
    groups: Sequence[LineGroup] = ()
    opened: LineGroup | None = None
    paragraphs: int = 0
    supported: int = 0  # paragraphs that more ask to keep than object to
    unsaid: int = 0  # comments without a type, which are not drawn
    said: int = 0  # comments with a type
    labels: Sequence[Sequence[str]] = field(default_factory=list)

    @property
    def columns(self) -> Sequence[LineColumn]:
        return [column for group in self.groups for column in group.columns]


def build_overview(
    data: Summary,
    tree: ProvisionTree,
    titles: Mapping[str, str],
    *,
    language: str,
    chapter: str = "",
    reply: Callable[[str], str] = lambda key: "",
) -> Overview:
    """Return the overview of the page, without a chart if no comment has a type.

    `reply` returns how the arguments on a part of the draft are answered.
    """
    places = {place.key: place for place in data.places if place.kind == "provision"}
    groups = [_build_group(one, places, titles) for one in tree.chapters]
    groups = [group for group in groups if group.columns]
    opened = next((group for group in groups if chapter and group.key == chapter), None)
    shown = [opened] if opened else groups
    paragraphs = [column for group in groups for column in group.columns if column.counted]
    labels: list[Sequence[str]] = []

    def describe(column: LineColumn, side: int) -> LabelLines:
        top = None if labels else (data.top or {}).get(column.key)
        lines = _describe(column, side, top, language, reply(column.key))
        labels.append([words for kind, words, _language in lines if kind in ("t-nr", "t-text")])
        return lines

    drawn = any(column.count(side) for group in shown for column in group.columns for side in (0, 1))
    return Overview(
        line=draft_line.draw(shown, describe, mirrored=language_direction() == "rtl") if drawn else None,
        groups=shown,
        opened=opened,
        paragraphs=len(paragraphs),
        supported=sum(map(_is_supported, paragraphs)),
        unsaid=sum(column.stances.get("", 0) for group in shown for column in group.columns),
        said=sum(n for group in groups for column in group.columns for kind, n in column.stances.items() if kind),
        labels=labels,
    )


def name_place(place: CountedPlace, titles: Mapping[str, str]) -> str:
    """Return the text next to the number of a part of the draft: its short title, or else its first words."""
    return titles.get(place.key) or place.title or excerpt(place.words, 48)


def _build_group(chapter: Chapter, places: Mapping[str, CountedPlace], titles: Mapping[str, str]) -> LineGroup:
    """Return a chapter with its paragraphs, and other provisions that have comments: headings or points."""
    rows = [part for place in chapter.all for part in place.parts]
    kept = [row for row in rows if row.kind is ProvisionKind.PARAGRAPH or row.wid in places]
    head = chapter.head
    title = titles.get(head.wid) or head.heading
    return LineGroup(
        head.eid,
        head.label if head.is_heading else "",
        title if head.is_heading else "",
        [_build_column(row, places.get(row.wid), titles) for row in kept],
    )


def _is_supported(column: LineColumn) -> bool:
    """Return True if more ask to keep a paragraph than to delete it or raise concerns."""
    return column.stances.get(Stance.SUPPORT, 0) > sum(column.stances.get(stance, 0) for stance in stances.AGAINST)


def _build_column(row: ProvisionNode, place: CountedPlace | None, titles: Mapping[str, str]) -> LineColumn:
    heading = row.heading if len(row.heading) <= MAX_LENGTH else ""
    return LineColumn(
        key=row.wid,
        label=row.name,
        title=titles.get(row.wid) or (heading if row.label else ""),
        stances=place.stances if place else {},
        copied=(place.copied or {}) if place else {},
        counted=row.kind is ProvisionKind.PARAGRAPH,
        address=row.key,
        words=excerpt(row.heading or row.text, 48),
    )


def _describe(column: LineColumn, side: int, top: ArgumentRow | None, language: str, reply: str) -> LabelLines:
    """Return the label of an outlier: name, counts, number of copies, and a quote."""
    counts = [
        f"{STANCE_NAMES[kind]} {format_number(column.stances[kind])}"
        for kind in draft_line.SIDES[side]
        if column.stances.get(kind)
    ]
    name = f"{column.label} {column.title}".strip()
    lines = [("t-nr", name, language), ("t-text", _(", ").join(counts), "")]
    if copies := column.count_copies(side):
        own = column.count(side) - copies
        said = ngettext(
            "%(own)s written individually, %(num)s copy of a campaign letter (hollow)",
            "%(own)s written individually, %(num)s copies of campaign letters (hollow)",
            copies,
            own=format_number(own),
        )
        lines.append(("t-text", said, ""))
    if reply:
        lines.append(("t-text", reply, ""))
    if top is not None and top.stance in draft_line.SIDES[side]:
        lines += _quote(top)
    return lines


def _quote(top: ArgumentRow) -> LabelLines:
    """Return a quote of the largest argument there, if it is short enough and public."""
    said = top.quote
    if said.gone or not said.words or len(said.words) > _QUOTED:
        return []
    first, last = in_quotation_marks("").split(bidi_isolate(""))
    rows = [bidi_isolate(row) for row in textwrap.wrap(said.words, _ROW)]
    rows = [first + rows[0], *rows[1:-1], rows[-1] + last] if len(rows) > 1 else [first + rows[0] + last]
    return [("t-serif", row, said.language) for row in rows] + [("t-quiet", said.name or _("Name not published"), "")]
