"""Navigation bars: one for the public, and one for each role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, has_request_context, request
from sqlalchemy.exc import DBAPIError

from consult.accounts import gate
from consult.core.database.key_check import WrongSealKey
from consult.core.db import db
from consult.core.i18n import N_
from consult.core.web.access import Allow, Role, is_allowed
from consult.core.web.requests import Principal, principal
from consult.core.web.systems import is_module_on
from consult.core.web.template_filters import build_url
from consult.site.guides import find_guide

_Row = tuple[Any, str, tuple[str, ...]]
"""Label, endpoint, and the beginnings of the endpoints that belong to it."""
_DRAFTING = ("evidence.drafted", "evidence.add_", "evidence.describe")
_SAID = (
    "arguments.overview",
    "responses.answers",
    "arguments.one",
    "analysis.",
    "consultations.follow",
    "consultations.paper",
    "bodies_site.",
)
_STUDIES = ("case_studies.", "case_study_author.", "case_study_appraisal.")
_PUBLIC = [
    (
        N_("Consultations"),
        "site.consultations",
        ("site.consultations", "site.consultation", "submissions.", "topics.", "digests.heard", *_DRAFTING, *_SAID),
    ),
    (N_("Results"), "site.lately", ("site.lately", "site.changes")),
    (N_("Search"), "search.everywhere", ("search.everywhere", "search.inside")),
]
_MORE = [
    (
        N_("Early warning"),
        "signals.overview",
        ("signals.", "signal_reports.", "signal_figures.", "signal_consultations.", "watchers."),
    ),
    (N_("Plans"), "plans.listed", ("plans.", "indicators.")),
    (N_("Case studies"), "case_studies.listed", _STUDIES),
    (N_("Evidence"), "search.evidence", ("search.evidence", "evidence.one")),
    (N_("Public bodies"), "bodies_site.listed", ()),
    (N_("Countries"), "countries.listed", ("countries.", "country_work.")),
]
"""Entries of the menu "More". Those of systems that are switched off are left out."""
_ROLE = [
    (
        Allow.MODERATOR,
        N_("Review queue"),
        "moderation.queue",
        ("moderation.queue", "moderation.item", "moderation.batch", "moderation.appeal", "moderation.reported"),
    ),
    (Allow.MODERATOR, N_("Signals"), "signal_triage.queue", ("signal_triage.",)),
    (Allow.MODERATOR, N_("Progress reports"), "action_report_review.review", ("action_report_review.",)),
    (Allow.MODERATOR, N_("Campaigns"), "moderation.letters", ("moderation.letter",)),
    (Allow.MODERATOR, N_("Decision log"), "moderation.decisions", ("moderation.decisions",)),
    (Allow.MODERATOR, N_("Statistics"), "statistics.inside", ("statistics.inside",)),
    (Allow.MODERATOR, N_("Team"), "moderation.team", ("moderation.team",)),
    (Allow.ADMIN, N_("People"), "people.listed", ("people.", "letters.")),
    (Allow.ADMIN, N_("Site settings"), "operator.overview", ("operator.",)),
    (Allow.POLICYMAKER, N_("Workspace"), "digests.desk", ("digests.", "arguments.", "responses.")),
    (
        Allow.POLICYMAKER,
        N_("Your consultations"),
        "consultations.mine",
        ("consultations.", "placing.", "safety.", "rules.", "statistics.own"),
    ),
    (Allow.POLICYMAKER, N_("Your bodies"), "bodies.mine", ("bodies.",)),
]
_CONTRIBUTOR = [
    (N_("My submissions"), "submissions.mine", ("submissions.mine",)),
    (N_("Your organisations"), "accounts.organisation_list", ("accounts.organisation", "proving.", "organisations.")),
]


@dataclass(frozen=True)
class NavigationItem:
    url: str
    label: str
    current: bool
    menu: str = ""  # "": in the bar; "more": in the menu "More"; "own": in the bar of the role


def build_bar(role: Role | None) -> list[NavigationItem]:
    """Return the links of the navigation bar for a role, or for a visitor (None)."""
    theirs: list[_Row] = [
        (label, endpoint, here) for rule, label, endpoint, here in _ROLE if role and is_allowed(rule, role)
    ]
    if role is Role.CONTRIBUTOR:
        theirs += _CONTRIBUTOR
    rows = [
        (menu, *row)
        for menu, part in (("", _PUBLIC), ("more", _MORE), ("own", theirs))
        for row in part
        if is_module_on(current_app.view_functions[row[1]].__module__)
    ]
    named, current = {endpoint for _menu, _label, endpoint, _here in rows}, request.endpoint or ""
    led = next((each for _menu, _label, each, here in rows if current not in named and current.startswith(here)), "")
    return [
        NavigationItem(build_url(endpoint), str(label), endpoint in (current, led), menu)
        for menu, label, endpoint, _here in rows
    ]


def _current_principal() -> Principal | None:
    """Return the signed-in account, or None during a database outage."""
    try:
        return principal()
    except (DBAPIError, WrongSealKey):
        db.session.rollback()
        return None


def init_app(app: Flask) -> None:
    @app.context_processor
    def in_templates() -> dict[str, Any]:
        if not has_request_context():
            return {"nav": [], "account": None, "guide": ""}
        person = _current_principal()
        return {
            "nav": build_bar(person.role if person else None),
            "account": person,
            "second_step_days": gate.count_days(person),
            "guide": find_guide(request.endpoint or ""),
        }
