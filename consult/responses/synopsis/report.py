"""The report as numbered sections of blocks: its page, its PDF and its DOCX are made from the same. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from consult.core.i18n import N_, _, current_language, language_direction
from consult.core.web.addresses import public_url
from consult.core.web.template_filters import format_day, format_number
from consult.digests.render.blocks import Block, PaperDocument
from consult.digests.render.layout import missing_characters_note
from consult.responses.synopsis import (
    activity_section,
    answer_section,
    argument_section,
    campaign_section,
    evaluation_section,
    method_section,
    objective_section,
    participant_section,
)
from consult.responses.synopsis.queries import Synopsis


@dataclass(frozen=True)
class SynopsisSection:
    """A numbered part of the report."""

    number: int
    anchor: str
    title: str
    blocks: Sequence[Block]

    @property
    def heading(self) -> str:
        return f"{format_number(self.number)}. {self.title}"


_SECTIONS: dict[str, tuple[str, Callable[[Synopsis], Iterator[Block]]]] = {
    "objectives": (N_("Objectives"), objective_section.blocks),
    "activities": (N_("Activities and rounds"), activity_section.blocks),
    "participants": (N_("Who answered"), participant_section.blocks),
    "arguments": (N_("Arguments by category of participants"), argument_section.blocks),
    "campaigns": (N_("Campaigns"), campaign_section.blocks),
    "answers": (N_("What was answered, and what changed"), answer_section.blocks),
    "evaluation": (N_("How participants rate the consultation"), evaluation_section.blocks),
    "method": (N_("Method and limits"), method_section.blocks),
}


def build(made: Synopsis) -> list[SynopsisSection]:
    """All sections, in their order, in the language being spoken."""
    return [
        SynopsisSection(number, anchor, str(title), list(blocks(made)))
        for number, (anchor, (title, blocks)) in enumerate(_SECTIONS.items(), start=1)
    ]


def subtitle(made: Synopsis) -> str:
    """Of what it is the report, and as of when."""
    day = format_day(made.at, made.consultation.timezone)
    return _("Synopsis report, as of %(day)s", day=day)


def to_paper(made: Synopsis) -> PaperDocument:
    """The report as a document to print, with its table of contents."""
    row, sections = made.consultation, build(made)
    page = public_url("synopsis.page", slug=row.slug)
    blocks: list[Block] = [
        {"is": "over", "text": subtitle(made)},
        {"is": "title", "text": row.title, "url": page},
        {"is": "about", "text": row.body, "by": page, "lang": row.language},
        {
            "is": "contents",
            "text": _("Contents"),
            "items": [{"text": one.heading, "url": f"{page}#{one.anchor}"} for one in sections],
        },
    ]
    for one in sections:
        blocks.append({"is": "heading", "text": one.heading})
        blocks += one.blocks
    return {
        "title": f"{row.title}: {subtitle(made)}",
        "lang": current_language(),
        "dir": language_direction(),
        "one_page": False,
        "author": row.body,
        "page": _("Page"),
        "blocks": blocks,
        "lacking": missing_characters_note(),
    }
