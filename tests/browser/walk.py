"""Opens each kind of page that a link leads to, and checks it at three widths."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser import checks
from tests.browser.conftest import DESK, PHONE, SMALL, Visit

SCREEN, MOST_SCREENS, MOST_SCREENS_HOME = 860, 8, 2.75
PRINTED = {"consultations.paper", "site.printed", "site.kit"}
"""The form on paper, the draft on one page and the list of parts: each is as long as what it shows."""
BUSY = "/c/action-plan-2027-2030"
BUSIEST = [f"{BUSY}{rest}" for rest in ("", "/arguments", "/topics", "/comments", "/said", "/p/2.1", "/outcome")]


def list_paths(reached: dict[str, dict[str, str]], who: str) -> list[str]:
    """Return what somebody opens; a role opens the pages that a visitor cannot reach."""
    public = reached["visitor"]
    if who == "visitor":
        return sorted({*public.values(), *BUSIEST, "/search?q=people", "/log", "/"})
    return [path for endpoint, path in reached[who].items() if endpoint not in public]


def find_problems(
    visited: Visit, reached: dict[str, dict[str, str]], who: str, *, width: int, with_length: bool = False
) -> dict[str, list[str]]:
    """Open each page once at `width`, and return by path what is wrong with it.

    All rules of axe as it is opened; the one about targets at the other width too. Colours come in pairs, each of which
    is enough in both schemes: tests/rules/test_css.py. Spacing comes last: it stays with the page. `width` is that of
    a desk or of a phone; `with_length` says that a visitor's pages may not be long at either.
    """
    printed = {path for endpoint, path in reached["visitor"].items() if endpoint in PRINTED}
    found = {}
    for path in list_paths(reached, who):
        page = visited.go(path)
        most = MOST_SCREENS_HOME if path == "/" else MOST_SCREENS
        has_limit = with_length and who == "visitor" and path not in printed
        wrong = checks.accessibility(page)
        wrong += [text for text in visited.lasting if "/no-such-page" not in text and "404" not in text]
        wrong += length(page, most) if has_limit else []
        other = PHONE if width == DESK else DESK
        page.set_viewport_size({"width": other, "height": 900})
        wrong += [f"{other}: {problem}" for problem in checks.targets(page)]
        wrong += length(page, most) if has_limit else []
        page.set_viewport_size({"width": SMALL + checks.scrollbar(page), "height": 900})
        wrong += [f"{SMALL}: {problem}" for problem in checks.sideways(page) + checks.spaced(page)]
        page.set_viewport_size({"width": width, "height": 900})
        found[path] = wrong
    return {path: wrong for path, wrong in found.items() if wrong}


def length(page: Page, most: float) -> list[str]:
    """Say so if a page is longer than this many screens before anything is unfolded."""
    screens = page.evaluate("document.documentElement.scrollHeight") / SCREEN
    return [f"{screens:.1f} screens long"] if screens > most else []
