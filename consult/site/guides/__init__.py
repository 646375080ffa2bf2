"""Eleven short guides in each interface language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from consult.core.errors import NotFound
from consult.core.i18n import LANGUAGES, N_, _, current_language
from consult.core.text import render_markdown

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class GuideButton:
    """The button at the end of a guide: endpoint and label."""

    endpoint: str
    label: Any


GUIDES: Mapping[str, GuideButton] = {
    "file-safely": GuideButton("site.consultations", N_("Choose a consultation")),
    "comment-on-words": GuideButton("practice.home", N_("Practise on a copy")),
    "hold-a-meeting": GuideButton("site.consultations", N_("Choose a consultation and print its pack")),
    "organise-a-call": GuideButton("accounts.organisation_list", N_("Open your organisation")),
    "read-a-digest": GuideButton("digests.desk", N_("Open your workspace")),
    "answer-with-reasons": GuideButton("practice.answering", N_("Practise answering")),
    "moderate": GuideButton("practice.moderation", N_("Practise moderating")),
    "read-a-treaty-article": GuideButton("taxonomy.index", N_("See the treaty articles that drafts cite")),
    "run-an-early-warning": GuideButton("signal_reports.report", N_("Report a drug")),
    "assess-a-signal": GuideButton("signal_triage.queue", N_("Signals to assess")),
    "appraise-a-case": GuideButton("case_studies.listed", N_("Open the case studies")),
}
FOR_STAFF = ("read-a-digest", "answer-with-reasons", "moderate", "assess-a-signal")
"""Guides for staff. The others are for everybody."""
_HELPED = (
    ("signal_triage.", "assess-a-signal"),
    ("signal", "run-an-early-warning"),
    ("calls.", "organise-a-call"),
    ("outcomes.", "organise-a-call"),
    ("traceless.", "file-safely"),
    ("facilitation.", "hold-a-meeting"),
    ("consultations.paper", "hold-a-meeting"),
    ("responses.", "answer-with-reasons"),
    ("digests.", "read-a-digest"),
    ("moderation.", "moderate"),
    ("practice.moderation", "moderate"),
    ("search.evidence", "appraise-a-case"),
    ("evidence.", "appraise-a-case"),
    ("commenting.", "comment-on-words"),
    ("submissions.reading", "comment-on-words"),
    ("submissions.", "file-safely"),
)
"""Prefixes of endpoints with their guide. The first match is used."""


@dataclass(frozen=True)
class Guide:
    """A guide in one language: title, text and button."""

    slug: str
    title: str
    body: Markup
    button: GuideButton


def get_guide(slug: str) -> Guide:
    """Return a guide in the current language. Raises NotFound."""
    if slug not in GUIDES:
        raise NotFound(_("We cannot find this guide."))
    title, body = _load(slug, current_language())
    return Guide(slug, title, body, GUIDES[slug])


def list_guides() -> list[Guide]:
    """Return all guides in the current language, in order."""
    return [get_guide(slug) for slug in GUIDES]


def find_guide(endpoint: str) -> str:
    """Return the guide for an endpoint, or "".

    >>> find_guide("submissions.check"), find_guide("site.home")
    ('file-safely', '')
    """
    return next((slug for beginning, slug in _HELPED if endpoint.startswith(beginning)), "")


def read_source(slug: str, language: str) -> str:
    """Return the Markdown source of a guide."""
    return (_FOLDER / language / f"{slug}.md").read_text("utf-8")


@lru_cache(maxsize=len(GUIDES) * len(LANGUAGES))
def _load(slug: str, language: str) -> tuple[str, Markup]:
    title, _line, body = read_source(slug, language).partition("\n")
    return title.removeprefix("# ").strip(), render_markdown(body)
