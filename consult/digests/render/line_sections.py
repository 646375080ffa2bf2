"""Sections made of a title and lines, shown in the same way on a digest's page and in its e-mail and report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consult.core.i18n import _
from consult.digests.content.body import Body
from consult.digests.render import campaign_phrases
from consult.digests.render.change_phrases import since
from consult.digests.render.count_phrases import left_out
from consult.digests.render.phrases import LinkedSentence


@dataclass(frozen=True)
class LineSection:
    """A section: a title, and lines with the names of their lists."""

    title: str
    lines: Sequence[LinkedSentence]


def line_sections(body: Body) -> list[LineSection]:
    """Return the sections that are not empty, in order. A new section needs one row here.

    They are at the start of the page, and in the e-mail after missing groups.
    """
    sections = [
        LineSection(_("Changes since the last edition"), since(body)),
        LineSection(_("Progress of the plan under review"), campaign_phrases.reviewed(body)),
        LineSection(
            _("Short responses that many people gave in the same words"),
            [*campaign_phrases.short_answers(body), *_rest(body, "short_answers")],
        ),
        LineSection(_("Organisations that asked people to comment"), campaign_phrases.calls(body)),
        LineSection(_("Case studies cited in comments"), [*campaign_phrases.studies(body), *_rest(body, "studies")]),
        LineSection(
            _("Texts close in meaning to a campaign letter (found by software, which makes mistakes)"),
            campaign_phrases.alike(body),
        ),
    ]
    return [section for section in sections if section.lines]


def _rest(body: Body, name: str) -> list[LinkedSentence]:
    """Return how many entries of a list the body leaves out."""
    said = left_out(body, name, len(getattr(body, name)))
    return [LinkedSentence(said)] if said else []
