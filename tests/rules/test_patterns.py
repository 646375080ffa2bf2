"""No regular expression takes much longer than in proportion to the length of what it is applied to.

Each pattern of the code is applied, in the ways in which the code applies it, to texts made to be nearly matched: every
part of it that may repeat is repeated. Who sends such a text must not be able to stop a worker.
"""

from __future__ import annotations

import ast
import re
import re._constants as codes  # type: ignore[import-untyped]
import re._parser as parser  # type: ignore[import-untyped]
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

from consult.analysis.text import phrases
from consult.analysis.text.line_parts import letter_parts
from consult.analysis.text.wordlists import LISTED_LANGUAGES, read_lists
from tests.cpu_limit import TooSlow, limit_cpu

CODE = Path(__file__).parents[2] / "consult"
LENGTH = 20_000
MOST = 0.25
"""Seconds of CPU for one text. What grows with the square takes a second and more, the rest milliseconds."""
ANCHORED = {"match", "fullmatch"}
FREE = {"search", "finditer", "findall", "sub", "subn", "split"}
OTHERS = 6
"""How often alternatives are chosen by chance."""
GENERAL = " a1\n.A(\"-'“:,*!@/<[#"
OWN = {
    "core/settings.py": "settings of the operator",
    "core/web/stylesheet.py": "our own style sheets and scripts",
    "core/database/sql_files.py": "our own statements",
    "mail/message.py": "our own templates",
    "translations/reword.py": "our own strings",
}
"""Files whose patterns are applied to nothing that comes from outside."""
SHORT = {"analysis/text/residual.py": 4, "plans/indicators/cells.py": 64, "plans/indicators/periods.py": 64}
"""Files whose patterns are applied to so many characters at most."""
CATEGORIES = {
    codes.CATEGORY_DIGIT: "1", codes.CATEGORY_WORD: "a", codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_NOT_DIGIT: "a", codes.CATEGORY_NOT_WORD: "-", codes.CATEGORY_NOT_SPACE: "a",
}  # fmt: skip


def list_patterns() -> dict[str, tuple[re.Pattern[Any], set[str]]]:
    """Every pattern by its place, with the methods by which it is applied."""
    trees = {path: ast.parse(path.read_text()) for path in sorted(CODE.rglob("*.py")) if path.name != "__main__.py"}
    calls = [(path, *call) for path, tree in trees.items() for call in _list_calls(tree)]
    found = {}
    for path, tree in trees.items():
        where = str(path.relative_to(CODE))
        for node in ast.walk(tree):
            if _is_inline(node):
                assert isinstance(node, ast.Call)
                pattern, method = node.args[0].value, node.func.attr  # type: ignore[attr-defined]
                if method in ANCHORED | FREE:
                    found[f"{where}:{node.lineno}"] = re.compile(pattern), {method}
        if " re.compile" not in path.read_text() and "(re.compile" not in path.read_text():
            continue
        module = import_module(".".join(path.relative_to(CODE.parent).with_suffix("").parts).removesuffix(".__init__"))
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                used = {how for at, what, how in calls if what == name and (at == path or not name.startswith("_"))}
                found[f"{where}:{name}"] = value, used
            elif isinstance(value, (list, tuple, dict)):
                used = {how for at, what, how in calls if at == path and what.islower()}
                for number, pattern in enumerate(_list_inside(value)):
                    found[f"{where}:{name}[{number}]"] = pattern, used
    return found


def list_made() -> dict[str, tuple[re.Pattern[Any], set[str]]]:
    """Patterns that are made from lists of words, of each language that has lists."""
    found: dict[str, tuple[re.Pattern[Any], set[str]]] = {
        "introductions": (letter_parts._introduction(), {"finditer"}),
        "closes": (letter_parts._close(), {"match"}),
    }
    for language in LISTED_LANGUAGES:
        lists = read_lists(language)
        found[f"{language} openers"] = phrases.compile_openers(language), {"fullmatch"}
        if "calls" in lists:
            found[f"{language} calls"] = phrases.compile_calls(language), {"finditer"}
        for number, pattern in phrases.compile_concepts(language) if "concepts" in lists else ():
            found[f"{language} concepts {number}"] = pattern, {"search"}
    return found


def _list_calls(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Names on which a method of patterns is called, with the method."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ANCHORED | FREE:
            of = node.func.value
            if isinstance(of, ast.Name) and of.id != "re":
                yield of.id, node.func.attr
            elif isinstance(of, ast.Attribute):
                yield of.attr, node.func.attr


def _is_inline(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and bool(node.args)
        and isinstance(node.args[0], ast.Constant)
    )


def _list_inside(value: Any, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 3 and isinstance(value, (list, tuple, dict)) and len(value) < 200:
        for one in value.values() if isinstance(value, dict) else value:
            yield from _list_inside(one, depth + 1)


def hostile(pattern: re.Pattern[Any], length: int = LENGTH) -> Iterator[str]:
    """Long texts that the pattern nearly matches: each of its parts that may repeat is repeated."""
    repeats: list[tuple[str, str]] = []
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    whole = _sample(tree, repeats, {})
    units = [("", unit) for unit in (*GENERAL, whole, whole[:-1])] + repeats
    for seed in range(OTHERS):
        _sample(tree, units, {}, Random(seed))
    units += [("", before + unit) for before, unit in repeats] + [("", f"{unit} ") for _before, unit in repeats]
    for before, unit in dict.fromkeys(units):
        if unit:
            text = (before + unit * (length // len(unit) + 1))[:length]
            yield from (text, f"{text}\x01")


def _sample(parts: Any, repeats: list[tuple[str, str]], groups: dict[int, str], chance: Random | None = None) -> str:
    """A text that the parts match; what may repeat often is added to `repeats`, with what stands before it.

    Of alternatives it is the first, or any by chance.
    """
    made = ""
    for kind, value in parts:
        if kind is codes.LITERAL:
            made += chr(value)
        elif kind is codes.NOT_LITERAL:
            made += "b" if value == ord("a") else "a"
        elif kind is codes.ANY:
            made += "a"
        elif kind is codes.IN:
            made += _choose(value)
        elif kind in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            least, most, body = value
            unit = _sample(body, repeats, groups, chance)
            if most >= 8:
                repeats.append((made, unit))
            made += unit * min(max(least, 1), 50)
        elif kind is codes.SUBPATTERN:
            groups[value[0]] = _sample(value[3], repeats, groups, chance)
            made += groups[value[0]]
        elif kind is codes.BRANCH:
            branches = [_sample(branch, repeats, groups, chance) for branch in value[1]]
            made += chance.choice(branches) if chance else branches[0]
        elif kind is codes.GROUPREF:
            made += groups.get(value, "a")
        elif kind in (codes.ASSERT, codes.GROUPREF_EXISTS, codes.ATOMIC_GROUP):
            unit = _sample(value[1] if kind is not codes.ATOMIC_GROUP else value, repeats, groups, chance)
            made += "" if kind is codes.ASSERT else unit
    return made


def _choose(items: Any) -> str:
    """A character of a set."""
    if items[0][0] is codes.NEGATE:
        return next((one for one in "a1 -.@,\n" if not any(_is_of(item, one) for item in items[1:])), "¤")
    kind, value = items[0]
    if kind is codes.CATEGORY:
        return CATEGORIES[value]
    return chr(value if kind is codes.LITERAL else value[0])


def _is_of(item: Any, one: str) -> bool:
    kind, value = item
    if kind is codes.LITERAL:
        return bool(ord(one) == value)
    if kind is codes.RANGE:
        return bool(value[0] <= ord(one) <= value[1])
    inside = {codes.CATEGORY_DIGIT: r"\d", codes.CATEGORY_WORD: r"\w", codes.CATEGORY_SPACE: r"\s"}
    outside = {codes.CATEGORY_NOT_DIGIT: r"\D", codes.CATEGORY_NOT_WORD: r"\W", codes.CATEGORY_NOT_SPACE: r"\S"}
    return re.fullmatch((inside | outside)[value], one) is not None


def _is_slow(pattern: re.Pattern[Any], used: set[str], text: Any) -> bool:
    try:
        with limit_cpu(MOST):
            for method in used & ANCHORED:
                getattr(pattern, method)(text)
            if used & FREE:
                for _found in pattern.finditer(text):
                    pass
    except TooSlow:
        return True
    return False


def test_no_pattern_takes_much_longer_for_a_text_made_to_be_nearly_matched() -> None:
    found = list_patterns()
    assert len(found) > 200
    slow = {}
    for where, (pattern, used) in (found | list_made()).items():
        path = where.partition(":")[0]
        if path in OWN:
            continue
        for text in hostile(pattern, SHORT.get(path, LENGTH)):
            given: Any = text.encode("latin-1", "ignore") if isinstance(pattern.pattern, bytes) else text
            if _is_slow(pattern, used, given):
                slow[where] = text[:30]
                break
    assert slow == {}


def test_the_rule_finds_what_grows_with_the_square() -> None:
    for quadratic in (r"\s*;", r"[\w.]+@", r"“\s*([^”]{3,400}?)\s*”", r"\.(?=\W*\s)"):
        pattern = re.compile(quadratic)
        assert any(_is_slow(pattern, {"search"}, text) for text in hostile(pattern)), quadratic
    for linear in (r"[\w.]{1,64}@", r"(?<!\s)\s*;", r"\.(?=[^\w\s]{0,20}\s)"):
        pattern = re.compile(linear)
        assert not any(_is_slow(pattern, {"search"}, text) for text in hostile(pattern)), linear
