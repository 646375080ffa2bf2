"""Sentences on the case studies that comments cite, each with its certainty."""

from __future__ import annotations

from consult.case_studies.labels import DIRECTIONS, certainty_words
from consult.case_studies.model import Direction
from consult.core.i18n import _, ngettext
from consult.core.web.template_filters import format_number
from consult.digests.content.body import Body
from consult.digests.content.rows import CaseStudyRow
from consult.digests.render.phrases import LinkedSentence


def studies(body: Body) -> list[LinkedSentence]:
    """Each case study with how it went, how sure that is, and how many comments cite it; it leads to its card."""
    return [LinkedSentence(_say(one), study=one.slug) for one in body.studies]


def _say(one: CaseStudyRow) -> str:
    cited = ngettext("cited by %(n)s comment", "cited by %(n)s comments", one.comments, n=format_number(one.comments))
    if one.withdrawn:
        return _(
            "“%(title)s” (%(reference)s): withdrawn · %(cited)s", title=one.title, reference=one.reference, cited=cited
        )
    return _(
        "“%(title)s” (%(reference)s): %(outcome)s · %(certainty)s · %(cited)s",
        title=one.title,
        reference=one.reference,
        outcome=str(DIRECTIONS[Direction(one.outcome)]).lower() if one.outcome else _("how it went is not said"),
        certainty=certainty_words(one.certainty, one.appraised),
        cited=cited,
    )
