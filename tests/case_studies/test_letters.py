"""Every letter about case studies, and of bodies that answer, in every state and language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from consult.case_studies.model import Direction, WithdrawnBy
from consult.core.i18n import LANGUAGES
from consult.decisions.model import HELD_OUTCOMES, AppealOutcome, Outcome, ReportOutcome
from consult.decisions.reasons import ReasonNames
from consult.mail.render import render_letter

_DAY = datetime(2026, 12, 29, tzinfo=UTC)
_BASE = {"title": "Evening hours", "reference": "CASE-5", "slug": "evening", "number": 5, "until": _DAY}


def states() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each letter with each of what its words depend on."""
    for yes in (False, True):
        asked = {"summary": "Open until ten.", "language_of": "en", "by": "Amina K.", "by_author": yes, "again": yes}
        yield "asked", {**asked, "due": _DAY}
        said = {"name": "Kwame", "certainty": 2, "went": Direction.MIXED}
        yield "appraised", {**said, "replaces": yes, "answered": yes}
        yield "withdrawn", {"who": WithdrawnBy.SITE, "why": "It names her.", "submission": "CS-1", "restored": yes}
    yield "answered", {"answer": "We counted all."}


def decisions() -> Iterator[tuple[str, dict[str, Any]]]:
    """The e-mails that all rooms share, with each of what their words depend on."""
    kind = {"kind": "case_study", "process_name": "Case study", "content_language": "en", "policy": 1, "zone": "UTC"}
    page = {"page": "case_studies.one", "page_values": {"slug": "evening"}, "reasons": ReasonNames()}
    kind |= {"appeal_page": "decisions.appeal", "appeal_values": {"kind": "case_study", "number": 1}}
    for outcome in (Outcome.PUBLISH, *HELD_OUTCOMES):
        held = outcome is not Outcome.PUBLISH
        why = {"reason": "hate" if held else None, "note": "It names her." if held else ""}
        for template in ("case_studies/mail/decided", "decisions/mail/decided"):
            yield template, {**kind, **page, **why, "outcome": outcome, "appeal_until": _DAY if held else None}
    for submission in (False, True):
        yield "decisions/mail/appeal_received", {**page, "submission": submission}
        for ended in (AppealOutcome.REJECTED, AppealOutcome.ACCEPTED):
            given = {**page, "submission": submission, "outcome": ended, "answer": "Because."}
            yield "decisions/mail/appeal_answered", {**given, "hidden": [("her name", "third_person")]}
    for closed in ReportOutcome:
        yield "decisions/mail/report_answered", {**page, "outcome": closed, "answer": ""}


def answers() -> Iterator[tuple[str, int]]:
    yield from (("agreed", 0), ("agreed", 2), ("declined", 1), ("left", 0), ("reads_no_more", 0))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_letter_is_whole_in_each_state(app: Flask, language: str) -> None:
    told = [(f"case_studies/mail/{name}", {**_BASE, **given}) for name, given in states()]
    told += [
        ("consultations/mail/body_answers", {
            **_BASE, "body": "Ministry of Justice", "by": "Leila", "answer": answer, "missing": missing,
        })
        for answer, missing in answers()
    ]  # fmt: skip
    told += [(name, {**_BASE, **given}) for name, given in decisions()]
    with app.app_context():
        for name, given in told:
            found = render_letter(name, language, given)
            assert found.subject, name
            assert "None" not in found.text + found.html, (name, found.text)
            assert "{" not in found.text, (name, found.text)
            assert not re.search(r"[^\s:：]:?[ ]?http", found.text), (name, "a link stands on a line of its own")
            assert found.text.startswith("Consult\n"), (name, "the subject has a line of its own")
            assert re.findall(r"http\S+", found.text)[0] in found.html
