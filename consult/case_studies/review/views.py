"""Moderation pages for case studies and reports of use: queue and decision."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from consult.case_studies import card, queries, service
from consult.case_studies.content import StudyContent, from_json
from consult.case_studies.model import CaseStudy, CaseStudyUse, PartKind, StudyState
from consult.case_studies.review.process import PROCESS, USE_PROCESS
from consult.core.db import db
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.decisions import appeals
from consult.decisions import view_helpers as pages
from consult.decisions.model import Outcome
from consult.decisions.process import DecisionMatter
from consult.decisions.view_helpers import QueueLine, QueueSection
from consult.moderation.checks import text_checks

blueprint = Blueprint("case_study_review", __name__)
_NUMBER = "<int(max=9223372036854775807):number>"
_ONE = f"/review/case-studies/{_NUMBER}"


@blueprint.route("/review/case-studies", allow=Allow.MODERATOR)
def waiting() -> ResponseReturnValue:
    session = db.session()
    studies = [
        QueueLine(
            url_for("case_study_review.decide", number=row.id),
            row.working["title"],
            row.sent_at or row.touched_at,
            [_("a new version")] if row.edition else [],
            from_json(row.working).summary[:200],
            from_json(row.working).language,
        )
        for row in pages.list_undecided(PROCESS, queries.list_waiting(session))
    ]
    reported = queries.list_waiting_uses(session)
    titles = {use.id: row.title for use, row in reported}
    uses = [
        QueueLine(
            url_for("case_study_review.use", number=use.id),
            use.organisation,
            use.at,
            [titles[use.id]],
            use.happened[:200],
        )
        for use in pages.list_undecided(USE_PROCESS, [use for use, _row in reported])
    ]
    return pages.show_queue(
        _("Case studies waiting"),
        _(
            "Check for personal data and claims about people. Independent reviewers assess whether the case "
            "study is right."
        ),
        (PROCESS, USE_PROCESS),
        [QueueSection(_("Case studies"), studies), QueueSection(_("Reports of use elsewhere"), uses)],
    )


@blueprint.route(_ONE, allow=Allow.MODERATOR, methods=["GET", "POST"])
def decide(number: int) -> ResponseReturnValue:
    """Show a waiting text with hints from the checks. Publish it or return it with a reason."""
    row = queries.get_waiting(db.session(), number)
    hint = _("What should change? We send this to the author.")
    return _show(row, DecisionMatter.TEXT, from_json(row.working), hint=hint)


@blueprint.route(f"{_ONE}/withdraw", allow=Allow.MODERATOR, methods=["GET", "POST"])
def withdraw(number: int) -> ResponseReturnValue:
    """Withdraw a case study that its publisher withdrew, that breaks the rules, or that readers reported."""
    row = queries.get_public(db.session(), number)
    content = from_json(service.get_published(db.session(), row))
    hint = _(
        "If you withdraw the case study, this reason is public. If not, we send the reason to everyone who "
        "sent a report about the case study."
    )
    return _show(row, DecisionMatter.PUBLIC, content, hint=hint)


@blueprint.route(f"/review/case-studies/appeals/{_NUMBER}", allow=Allow.MODERATOR, methods=["GET", "POST"])
def appeal(number: int) -> ResponseReturnValue:
    """Show an appeal with the text. A moderator who did not decide answers it."""
    filed, row, against = appeals.get(db.session(), PROCESS, number)
    content = _find_appealed(row, filed, against)
    hint = _("Your reasons. We send them to the author.")
    return _show(row, DecisionMatter.APPEAL, content, hint=hint, appeal=filed, against=against)


def _find_appealed(row: CaseStudy, filed: Any, against: Any) -> StudyContent | None:
    """Return the content that was decided on, without later edits by the author.

    For a withdrawal it is the public text. A returned text is shown until the appeal is answered or has lapsed.
    """
    if against.outcome != Outcome.RETURN:
        return from_json(service.get_published(db.session(), row))
    return from_json(row.working) if filed.outcome is None else None


def _show(row: CaseStudy, matter: DecisionMatter, content: StudyContent | None, **more: Any) -> ResponseReturnValue:
    session = db.session()
    checked = text_checks.check_texts([content.title, content.summary, *content.parts.values()] if content else [])
    return pages.decide(
        PROCESS,
        row,
        matter,
        "case_studies/decide.html",
        content=content,
        title=content.title if content else row.title or row.reference,
        kinds=list(PartKind),
        findings=[finding.words for finding in checked.findings],
        rough=checked.rough,
        names=card.get_names(session, row),
        terms=queries.term_rows(session, content.terms if content else []),
        **more,
    )


@blueprint.route(f"/review/case-studies/uses/{_NUMBER}", allow=Allow.MODERATOR, methods=["GET", "POST"])
def use(number: int) -> ResponseReturnValue:
    """Decide on a report of use: publish it, withhold it with a reason, or answer reports by readers."""
    row = queries.get_use(db.session(), number)
    matter = DecisionMatter.TEXT if row.state is StudyState.WAITING else DecisionMatter.PUBLIC
    return _show_use(row, matter, hint=_("For the author, or for everyone who sent a report about the content."))


@blueprint.route(f"/review/case-studies/uses/appeals/{_NUMBER}", allow=Allow.MODERATOR, methods=["GET", "POST"])
def use_appeal(number: int) -> ResponseReturnValue:
    """Show an appeal by the author of a report of use."""
    filed, row, against = appeals.get(db.session(), USE_PROCESS, number)
    hint = _("Your reasons. We send them to the author.")
    return _show_use(row, DecisionMatter.APPEAL, hint=hint, appeal=filed, against=against)


def _show_use(row: CaseStudyUse, matter: DecisionMatter, **more: Any) -> ResponseReturnValue:
    checked = text_checks.check_texts([row.organisation, row.happened])
    findings = [finding.words for finding in checked.findings]
    return pages.decide(
        USE_PROCESS, row, matter, "case_studies/decide_use.html", findings=findings, rough=checked.rough, **more
    )
