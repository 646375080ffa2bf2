"""How templates name reasons, and show words that are hidden."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Flask
from markupsafe import Markup, escape

from consult.core.i18n import N_, _
from consult.moderation import checks
from consult.moderation.reasons import reason_meaning, reason_name
from consult.moderation.recourse import ReportKind
from consult.moderation.redaction import BLOCK, Cover, tidy

REPORTED_FOR = {
    ReportKind.DETAILS: N_("Contact details"),
    ReportKind.PERSON: N_("Identifies another person"),
    ReportKind.HATE: N_("Hate or threats"),
    ReportKind.ILLEGAL: N_("Unlawful to publish"),
    ReportKind.NOT_MINE: N_("I did not send this"),
    ReportKind.OTHER: N_("Another reason"),
}


def reported_for(kind: str | None) -> str:
    """Why something was reported, in the language being spoken."""
    return str(REPORTED_FOR[ReportKind(kind)]) if kind else ""


def blocks(words: str, redactions: Sequence[dict[str, Any]] | None) -> str | Markup:
    """Public words with each block said in words too: what was hidden, nobody reads; that and why, everybody does.

    `words` may be the beginning of the text only. Without redactions they are given as they are.
    """
    if not redactions:
        return words
    parts = words.split(BLOCK)
    shown = Markup(escape(parts[0]))  # noqa: S704 - escaped
    for number, part in enumerate(parts[1:]):
        why = reason_name(redactions[number]["reason"]) if number < len(redactions) else ""
        said = _("[hidden by a moderator: %(reason)s]", reason=why)
        shown += Markup('<span class="covered"><span aria-hidden="true">{}</span> <small>{}</small></span>').format(
            BLOCK, said
        ) + escape(part)
    return shown


def struck(words: str, comment: int, covers: Sequence[Cover]) -> Markup:
    """Words of a comment as a moderator reads them: those to be hidden are struck, each in its place."""
    parts, at = [Markup()], 0
    for cover in tidy(cover for cover in covers if cover.comment == comment):
        parts += [
            escape(words[at : cover.start]),
            Markup('<del title="{}">{}</del>').format(reason_name(cover.reason), words[cover.start : cover.end]),
        ]
        at = cover.end
    return Markup().join([*parts, escape(words[at:])])


def rough(words: str) -> bool:
    """Whether moderators are shown these words only when they ask for them."""
    return checks.abuse(words) > 0


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        reason_name=reason_name,
        reason_meaning=reason_meaning,
        reported_for=reported_for,
        blocks=blocks,
        struck=struck,
        rough=rough,
    )
