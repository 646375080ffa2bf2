"""The three tabs on the public pages of a consultation, and the views of the current tab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, has_request_context, request

from consult.core.i18n import N_
from consult.core.web.template_filters import build_url
from consult.site.menus.navigation import NavigationItem


@dataclass(frozen=True)
class TabView:
    """A view of a tab. `inside`: beginnings of the endpoints of its other pages. The only view has no label."""

    label: Any
    endpoint: str
    inside: tuple[str, ...] = ()

    def holds(self, endpoint: str) -> bool:
        return endpoint == self.endpoint or endpoint.startswith(self.inside)


@dataclass(frozen=True)
class ConsultationTabs:
    """Links of the tabs and, if the current tab has several, of its views."""

    tabs: Sequence[NavigationItem] = ()
    views: Sequence[NavigationItem] = ()


_SENT = ("submissions.one", "search.inside", "search.evidence_inside", "evidence.one", "topics.", "files_page.")
_TABS = (
    (
        N_("Read and comment"),
        (TabView("", "site.consultation", ("submissions.reading", "submissions.place")),),
    ),
    (
        N_("Comments and arguments"),
        (
            TabView(
                N_("Summary"), "digests.heard", ("digests.heard", "digests.unplaced", "analysis.campaign", "synopsis.")
            ),
            TabView(N_("Arguments"), "arguments.overview", ("arguments.one",)),
            TabView(N_("Suggested wording"), "amendments.overview"),
            TabView(N_("All submissions"), "submissions.published", _SENT),
        ),
    ),
    (
        N_("Answers and changes"),
        (
            TabView(N_("You said, we did"), "responses.answers"),
            TabView(N_("What changed"), "site.changes"),
        ),
    ),
)


def build_tabs() -> ConsultationTabs:
    """Return the tabs of the current page. Empty on pages that are not public pages of a consultation."""
    endpoint, slug = request.endpoint or "", (request.view_args or {}).get("slug")
    current = next((views for _label, views in _TABS if any(view.holds(endpoint) for view in views)), None)
    if current is None or slug is None:
        return ConsultationTabs()
    return ConsultationTabs(
        [_link(label, views[0].endpoint, slug, current=views is current) for label, views in _TABS],
        [_link(view.label, view.endpoint, slug, current=view.holds(endpoint)) for view in current if view.label],
    )


def _link(label: Any, endpoint: str, slug: str, *, current: bool) -> NavigationItem:
    return NavigationItem(build_url(endpoint, slug=slug), str(label), current)


def init_app(app: Flask) -> None:
    @app.context_processor
    def in_templates() -> dict[str, Any]:
        return {"consultation_tabs": build_tabs() if has_request_context() else None}
