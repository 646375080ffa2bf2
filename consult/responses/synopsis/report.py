"""The report as numbered sections of blocks, shared by its page, PDF and DOCX. Pure."""

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
    outcome_section,
    paper_section,
    participant_section,
    position_section,
)
from consult.responses.synopsis.block_kinds import line
from consult.responses.synopsis.queries import Synopsis


@dataclass(frozen=True)
class SynopsisSection:
    """A numbered section of the report. `lead` is the sentence that says what it holds."""

    number: int
    anchor: str
    title: str
    lead: str
    blocks: Sequence[Block]

    @property
    def heading(self) -> str:
        return f"{format_number(self.number)}. {self.title}"


_SECTIONS: dict[str, tuple[str, Callable[[Synopsis], Iterator[Block]]]] = {
    "outcome": (N_("Outcome"), outcome_section.blocks),
    "objectives": (N_("Objectives"), objective_section.blocks),
    "activities": (N_("Activities and rounds"), activity_section.blocks),
    "participants": (N_("Participants"), participant_section.blocks),
    "positions": (N_("Positions by type of participant"), position_section.blocks),
    "arguments": (N_("Arguments"), argument_section.blocks),
    "papers": (N_("Position papers"), paper_section.blocks),
    "campaigns": (N_("Campaigns"), campaign_section.blocks),
    "answers": (N_("Answers and changes"), answer_section.blocks),
    "evaluation": (N_("Feedback on the consultation"), evaluation_section.blocks),
    "method": (N_("Method and limits"), method_section.blocks),
}


def build(made: Synopsis) -> list[SynopsisSection]:
    """Return all sections in order, in the current language."""
    sections = []
    for number, (anchor, (title, make_blocks)) in enumerate(_SECTIONS.items(), start=1):
        first, *blocks = make_blocks(made)
        sections.append(SynopsisSection(number, anchor, str(title), first["text"], blocks))
    return sections


def subtitle(made: Synopsis) -> str:
    """Return the subtitle with the date."""
    day = format_day(made.at, made.consultation.timezone)
    return _("Summary report, as of %(day)s", day=day)


def to_paper(made: Synopsis) -> PaperDocument:
    """Return the report as a document to print, with its table of contents."""
    row, sections = made.consultation, build(made)
    page = public_url("synopsis.page", slug=row.slug)
    blocks: list[Block] = [
        {"is": "over", "text": subtitle(made)},
        {"is": "title", "text": row.title, "url": page},
        {"is": "about", "text": row.body, "by": page, "lang": row.language},
        {
            "is": "contents",
            "text": _("Table of contents"),
            "items": [{"text": section.heading, "url": f"{page}#{section.anchor}"} for section in sections],
        },
    ]
    for section in sections:
        blocks.append({"is": "heading", "text": section.heading})
        blocks += [line(section.lead), *section.blocks]
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
