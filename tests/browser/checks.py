"""Checks for every page. Each returns a list of problems, so that a failing test shows them."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import html5lib
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# WCAG 2.2, criterion 1.4.12: a reader may space text as far as this, and nothing may be lost.
SPACED = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }"
SPACED += " p { margin-block-end: 2em !important; }"
_AXE = """async only => {
  const rules = only ? {runOnly: only} : {rules: {"target-size": {enabled: true}}};
  const found = await axe.run(document, {resultTypes: ["violations"], ...rules});
  return found.violations.map(rule => rule.id + ": " + rule.nodes.map(node => node.html.slice(0, 160)).join(" | "));
}"""
_WIDE = """() => {
  const room = document.documentElement.clientWidth;  // without the scrollbar, which covers nothing that is read
  if (document.documentElement.scrollWidth <= room) return [];
  return [...document.querySelectorAll("body *")].filter(element => {
    const box = element.getBoundingClientRect();
    const seen = box.width && element.checkVisibility() && !element.closest(".hidden");
    return seen && (box.right > room + 1 || box.left < -1);
  }).map(element => element.outerHTML.slice(0, 120));
}"""
_CUT = """() => [...document.querySelectorAll("body *:not(textarea, pre, svg, svg *)")]
  .filter(each => !each.closest(".hidden") && each.clientHeight > 1 && getComputedStyle(each).overflowY === "hidden")
  .filter(each => each.scrollHeight > each.clientHeight + 1)
  .map(each => each.outerHTML.slice(0, 120))"""


def accessibility(page: Page) -> list[str]:
    """Violations of axe's rules, best practices and target size included."""
    page.evaluate(Axe().axe_script)
    return list(page.evaluate(_AXE))


def targets(page: Page) -> list[str]:
    """Return what axe, loaded into the page, reports on the size and distance of targets."""
    return list(page.evaluate(_AXE, ["target-size"]))


def scrollbar(page: Page) -> int:
    """The width that the scrollbar takes from the page, in pixels."""
    return int(page.evaluate("window.innerWidth - document.documentElement.clientWidth"))


def sideways(page: Page) -> list[str]:
    """Return the elements that stick out where the page can be scrolled sideways."""
    page.wait_for_load_state()  # a press may have begun another page that is not there yet
    return list(page.evaluate(_WIDE))


def spaced(page: Page) -> list[str]:
    """Return what is cut off or sticks out when text is spaced as WCAG 1.4.12 allows."""
    page.evaluate(
        "css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets.push(sheet) }",
        SPACED,
    )
    return sideways(page) + cut(page)


def cut(page: Page) -> list[str]:
    """Return the elements that are larger than the box that hides the rest of them."""
    return list(page.evaluate(_CUT))


def markup(html: str) -> list[str]:
    """Parse errors, ids used twice, and labels or descriptions that point nowhere."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(html)
    found = [f"{code} at {place}: {about}" for place, code, about in parser.errors]
    elements = list(tree.iter())
    ids = Counter(element.get("id") for element in elements if element.get("id"))
    found += [f"id used {count} times: {name}" for name, count in ids.items() if count > 1]
    for element in elements:
        found += [f"{attribute} points nowhere: {name}" for attribute, name in _pointers(element) if name not in ids]
    return found


def _pointers(element: Any) -> list[tuple[str, str]]:
    names = [(key, name) for key in ("aria-describedby", "aria-labelledby") for name in element.get(key, "").split()]
    if element.tag == "label" and element.get("for"):
        names.append(("for", element.get("for")))
    href = element.get("href", "")
    if element.tag == "a" and re.fullmatch(r"#[\w-]+", href):
        names.append(("href", href[1:]))
    return names
