"""The look as rules: logical sides, colours in one place, contrast, no inline style, and what a page may weigh."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from consult.core.web.stylesheet import COMPONENTS, PLANS, REPORT, SIGNALS, SLIM, STAFF, STUDIES, join_components

ROOT = Path(__file__).resolve().parents[2]
SHEETS = sorted((ROOT / "static").rglob("*.css"))
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
EVERY = {*COMPONENTS, *STAFF, *SLIM, *REPORT, *SIGNALS, *STUDIES, *PLANS}
KIT = "\n".join((ROOT / "static/kit" / f"{name}.css").read_text() for name in EVERY)
"""The sheets as they are written."""
TOKENS = ROOT / "static/kit/tokens.css"
LETTER = ROOT / "templates" / "mail" / "layout.html"  # the one place with a style element: it is inlined when sent
KB = 1024
NAMED = "black|white|red|green|blue|yellow|orange|purple|gray|grey|silver|navy|teal|maroon|gold|brown|pink|beige|ivory"
RAW_COLOUR = re.compile(
    rf"#[0-9a-f]{{3,8}}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\(|[:\s,](?:{NAMED})\b(?!-)", re.I
)
SIDES = re.compile(r"(?<![\w-])[\w-]*\b(?:left|right)\b")
PAIRS = [
    *((ink, paper) for ink in ("ink", "quiet", "petrol", "ok", "concern", "wording", "evidence", "unsaid")
      for paper in ("paper", "wash")),
    *(("ink", wash) for wash in ("ok-wash", "concern-wash", "warn-wash", "info-wash")),
    *(("petrol", wash) for wash in ("ok-wash", "warn-wash", "info-wash")),
    *(("on-fill", fill) for fill in ("ok", "concern", "wording", "evidence", "unsaid")),
    ("on-act", "act"), ("on-act", "act-over"), ("on-bar", "bar"), ("on-leave", "leave"), ("on-mark", "mark"),
]  # fmt: skip


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def plain(css: str) -> str:
    """A sheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", css, flags=re.S)


def block(css: str, opening: str) -> str:
    """From `opening` to the brace that closes it.

    >>> block("a {} @layer x { b { c: d } } e {}", "@layer x {")
    '@layer x { b { c: d } }'
    """
    start, depth = css.index(opening), 0
    for at in range(start, len(css)):
        depth += {"{": 1, "}": -1}.get(css[at], 0)
        if css[at] == "}" and depth == 0:
            return css[start : at + 1]
    raise ValueError(f"{opening} is never closed")


def tokens(scheme: str) -> dict[str, str]:
    """The hexadecimal colours by name, in light or in dark."""
    layer = block(plain(KIT), "@layer tokens {")
    found = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{3,6})", block(layer, ":root {")))
    if scheme == "dark":
        found |= dict(
            re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{3,6})", block(layer, "@media (prefers-color-scheme: dark) {"))
        )
    return found


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours. Source: WCAG 2.2, "contrast ratio".

    >>> contrast("#fff", "#000000")
    21.0
    """
    dark, light = sorted((luminance(one), luminance(other)))
    return round((light + 0.05) / (dark + 0.05), 2)


def uneven(css: str) -> Iterator[str]:
    """Four-sided shorthands whose two side values differ: those are left and right in disguise."""
    for rule in re.findall(r"(?:margin|padding|inset|border-radius):[^;}]*", css):
        values = re.sub(r"\([^()]*\)", "()", rule.split(":")[1]).split()
        if len(values) == 4 and values[1] != values[3]:
            yield rule


def test_every_sheet_is_a_component_of_one_that_is_served() -> None:
    assert {path.stem for path in SHEETS if path.parent == TOKENS.parent} == EVERY
    assert len(SHEETS) == len(EVERY)


@pytest.mark.parametrize("path", SHEETS, ids=name)
def test_a_declaration_stands_on_a_line_of_its_own_and_a_comment_between_rules(path: Path) -> None:
    lines = re.sub(r'"[^"]*"', '""', path.read_text()).splitlines()
    assert [line for line in lines if len(line) > 120 or len(re.findall(r"[{};]", line)) > 1] == []
    assert [line for line in lines if "/*" in line and not line.lstrip().startswith("/*")] == []


@pytest.mark.parametrize("path", SHEETS, ids=name)
def test_a_sheet_knows_start_and_end_but_neither_left_nor_right(path: Path) -> None:
    assert SIDES.findall(plain(path.read_text())) == []
    assert list(uneven(plain(path.read_text()))) == []


@pytest.mark.parametrize("path", SHEETS, ids=name)
def test_colours_are_written_among_the_tokens_only(path: Path) -> None:
    css = plain(path.read_text())
    rest = css.replace(block(css, "@layer tokens {"), "") if path == TOKENS else css
    assert RAW_COLOUR.findall(rest) == []


@pytest.mark.parametrize("path", SHEETS, ids=name)
def test_every_token_used_is_defined(path: Path) -> None:
    defined = set(re.findall(r"(--[\w-]+)\s*:", plain(KIT)))
    assert set(re.findall(r"var\((--[\w-]+)", plain(path.read_text()))) - defined == set()


def test_the_sheet_has_no_class_that_no_page_uses_and_the_kit_does_not_offer() -> None:
    sources = [*TEMPLATES, *SCRIPTS, *(ROOT / "consult").rglob("*.py"), ROOT / "templates/kit/README.md"]
    words = set(re.findall(r"[\w-]+", " ".join(path.read_text() for path in sources)))
    selectors = re.sub(r"\{[^{}]*\}", " ", plain(KIT))
    assert set(re.findall(r"\.([a-z][\w-]*)", selectors)) - words == set()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_on_what_they_stand_on(scheme: str) -> None:
    colours = tokens(scheme)
    ratios = {(ink, paper): contrast(colours[ink], colours[paper]) for ink, paper in PAIRS}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_edge_of_a_field_and_the_focus_ring_can_be_seen(scheme: str) -> None:
    colours = tokens(scheme)
    assert contrast(colours["field"], colours["paper"]) >= 3
    assert contrast(colours["focus"], colours["focus-ink"]) >= 3
    assert max(contrast(colours[ring], colours["paper"]) for ring in ("focus", "focus-ink")) >= 3


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_has_no_inline_style_script_or_handler(path: Path) -> None:
    text = path.read_text()
    assert re.findall(r"<[^>{]*\sstyle\s*=", text) == []
    assert path == LETTER or "<style" not in text
    # A block of JSON-LD is data: browsers do not run it, and the policy for scripts does not concern it.
    assert [tag for tag in re.findall(r"<script[^>]*>", text) if "src=" not in tag and "ld+json" not in tag] == []
    assert re.findall(r"<[^>{]*\son\w+\s*=", text) == []
    assert re.findall(r'(?:fill|stroke)="#', text) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_script_imports_no_other(path: Path) -> None:
    """An imported address has no hash in it, so a browser would keep an old one for a year."""
    assert re.findall(r"^\s*(?:import|export)\b.*", path.read_text(), flags=re.M) == []


def weight(paths: list[Path]) -> int:
    return sum(len(gzip.compress(path.read_bytes(), mtime=0)) for path in paths)


def list_scripts() -> dict[str, list[Path]]:
    """Return the scripts of each public page, with the one of every page."""
    found = {}
    for path in TEMPLATES:
        named = {*re.findall(r'asset\("js/([\w-]+\.js)"\)', path.read_text()), "kit.js"}
        if not any(one.startswith("staff") for one in named):
            found[path.name] = [script for script in SCRIPTS if script.name in named]
    assert any(len(scripts) > 2 for scripts in found.values())
    return found


def test_pages_stay_light_on_a_poor_line() -> None:
    sheet = join_components(ROOT / "static/kit")
    assert len(gzip.compress(sheet, mtime=0)) <= 10 * KB
    assert len(gzip.compress(join_components(ROOT / "static/kit", STAFF), mtime=0)) <= 3.1 * KB
    assert len(gzip.compress(join_components(ROOT / "static/kit", PLANS), mtime=0)) <= 1.5 * KB
    assert len(gzip.compress(join_components(ROOT / "static/kit", SLIM), mtime=0)) <= 3.5 * KB
    assert max(map(weight, list_scripts().values())) <= 10 * KB
    assert weight(SCRIPTS) <= 25 * KB


def test_a_heading_in_a_draft_is_larger_than_the_one_below_it() -> None:
    css = plain(KIT)
    sizes = [
        re.search(rf"{head}\.chapter \{{[^}}]*?font(?:-size)?: (?:700 )?([\d.]+)rem", css)
        for head in ("[ }]", "h3", "h4")
    ]
    largest, *smaller = [float(size[1]) for size in sizes if size]
    assert len(smaller) == 2
    assert largest > smaller[0] > smaller[1]
