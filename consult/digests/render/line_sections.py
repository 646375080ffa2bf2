"""Sections that are a title and lines: a digest's page, letter and report show all that are listed here alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consult.core.i18n import _
from consult.digests.content.body import Body
from consult.digests.render import campaign_phrases
from consult.digests.render.change_phrases import since
from consult.digests.render.phrases import LinkedSentence


@dataclass(frozen=True)
class LineSection:
    """A section: its title, and its lines, each with the name of the list behind it."""

    title: str
    lines: Sequence[LinkedSentence]


def line_sections(body: Body) -> list[LineSection]:
    """The sections that have anything to say, in their order. To add one is a row here, and what it reads of the body.

    They stand where the page begins, and in the letter after who was heard less.
    """
    told = [
        LineSection(_("What changed since the last edition"), since(body)),
        LineSection(_("What became of the plan that is reviewed"), campaign_phrases.reviewed(body)),
        LineSection(_("Short answers that many gave in the same words"), campaign_phrases.short_answers(body)),
        LineSection(_("Organisations that asked people to comment"), campaign_phrases.calls(body)),
        LineSection(_("Evidence: case studies that comments cite"), campaign_phrases.studies(body)),
        LineSection(_("Alike in meaning to a letter, as a computer compares: it errs"), campaign_phrases.alike(body)),
    ]
    return [section for section in told if section.lines]
