"""Template filters for reasons and hidden words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from flask import Flask
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from consult.core import slots
from consult.decisions.reasons import ReasonNames, load_names
from consult.moderation.checks import text_checks
from consult.moderation.checks.word_lists import RELATION_LANGUAGES, ROUGH_LANGUAGES, TITLE_LANGUAGES
from consult.moderation.redaction import Redaction, WordMark, merge_redactions
from consult.submissions.labels import mark_redactions
from consult.submissions.pages.slots import RedactionReasons


def blocks(words: str, redactions: Sequence[dict[str, Any]] | None, reasons: ReasonNames) -> str | Markup:
    """Return the public text of a comment with the reasons for hidden words, for moderators' pages."""
    return mark_redactions(words, redactions, reasons.name)


def struck(
    words: str, comment: int, covers: Sequence[Redaction], reasons: ReasonNames, marks: Sequence[WordMark] = ()
) -> Markup:
    """Return the text of a comment for moderators, with hidden words struck out and findings marked."""
    spans = [
        (redaction.start, redaction.end, "", reasons.name(redaction.reason))
        for redaction in merge_redactions(_of(comment, covers))
    ]
    spans += [(mark.start, mark.end, mark.kind, "") for mark in marks if mark.comment == comment]
    if not spans:
        return escape(words)
    edges = sorted({0, len(words), *(edge for span in spans for edge in span[:2] if edge < len(words))})
    parts = [_mark(words[a:b], [span for span in spans if span[0] <= a and b <= span[1]]) for a, b in pairwise(edges)]
    return Markup().join(parts)


def _of(comment: int, covers: Sequence[Redaction]) -> Iterator[Redaction]:
    return (cover for cover in covers if cover.comment == comment)


def _mark(words: str, spans: Sequence[tuple[int, int, str, str]]) -> Markup:
    said = escape(words)
    if kinds := sorted({kind for _start, _end, kind, _reason in spans if kind}):
        said = Markup('<mark class="{}">{}</mark>').format(" ".join(kinds), said)
    for _start, _end, kind, reason in spans:
        if not kind:
            return Markup('<del title="{}">{}</del>').format(reason, said)
    return said


def rough(words: str) -> bool:
    """Return whether moderators see this text only on request, because it may be offensive."""
    return text_checks.roughness_score(words) > 0


def _name_reasons(session: Session, given: RedactionReasons) -> ReasonNames:
    return load_names(session, given.codes)


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        blocks=blocks,
        struck=struck,
        rough=rough,
    )
    app.jinja_env.globals.update(
        RELATION_LANGUAGES=RELATION_LANGUAGES,
        ROUGH_LANGUAGES=ROUGH_LANGUAGES,
        TITLE_LANGUAGES=TITLE_LANGUAGES,
    )
    slots.fill(app, RedactionReasons, _name_reasons, "moderation/redaction_reason.html")
