"""Change English strings and keep their translations: `make reword FILE=changes.csv`.

The columns are `old`, `new` and `meaning` ("same" or "changed"). `fr`, `es` and `ar` may give new translations.
`context` is that of `pgettext`: a row changes the strings of its context, or of none. For a string with a plural, `old`
and `new` hold singular and plural, separated by " || "; a translation holds all its forms, separated likewise. Sources
and the msgids of all catalogues are edited. A translation is kept where the meaning is the same, replaced where the
file gives one, and else marked fuzzy, which counts as missing. Tests that quote an old string of some length as a whole
are edited too.

Nothing is written if a row cannot be applied: each fault is printed with the number of its row, and the exit status is
1. A row whose new string is in the source already is skipped, so that a file can be applied twice.
"""

from __future__ import annotations

import ast
import csv
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
SEPARATOR = " || "
FUNCTIONS = {"_", "N_", "gettext", "ngettext", "lazy_gettext"}
CONTEXT_FUNCTIONS = {"NP_", "pgettext", "npgettext", "lazy_pgettext"}
"""Functions whose first argument is the context."""
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
WIDTH = 120
MIN_QUOTED = 15
"""Characters of a string from which its old wording in a test is taken for a quotation of it."""
_TRANS = re.compile(r"({%-?\s*trans\b[^%]*%})(.*?)({%-?\s*endtrans\s*-?%})", re.S)
_PLURALIZE = re.compile(r"({%-?\s*pluralize\b[^%]*%})")
_CALL = re.compile(r"\b(?:_|gettext|ngettext|(?P<context>n?pgettext))\(")
_LITERAL = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")


@dataclass
class Change:
    """One row: the old and the new forms of a string, and new translations by language."""

    row: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    keeps_meaning: bool
    translations: dict[str, tuple[str, ...]] = field(default_factory=dict)
    context: str | None = None
    places: int = 0

    def reword(self, text: str, position: int) -> str:
        """Return the new wording of a form, the first (0) or second argument, and count the replacement."""
        self.places += 1
        are_equal = len(set(self.old)) < len(self.old)
        return self.new[position if are_equal else self.old.index(text)]


Changes = dict[tuple[str | None, str], Change]
"""Changes by context and English form."""


class RewordError(Exception):
    """A row that cannot be applied; the message is for the developer."""


def read_changes(path: Path, languages: list[str]) -> list[Change]:
    """Read the file. Raises RewordError for all rows that are not well formed."""
    changes, faults = [], []
    with path.open(newline="", encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            forms = {name: tuple((row.get(name) or "").split(SEPARATOR)) for name in ("old", "new", *languages)}
            change = Change(number, forms["old"], forms["new"], row.get("meaning") == "same")
            change.context = row.get("context") or None
            change.translations = {name: forms[name] for name in languages if any(forms[name])}
            faults += [f"row {number}: {fault}" for fault in find_faults(change, row.get("meaning") or "")]
            changes.append(change)
    if faults:
        raise RewordError("\n".join(faults))
    return changes


def find_faults(change: Change, meaning: str) -> Iterator[str]:
    """Yield the faults of a row."""
    if not all(change.old) or not all(change.new):
        yield "old and new must not be empty"
    if len(change.old) != len(change.new):
        yield "old and new need the same number of forms"
    if meaning not in {"same", "changed"}:
        yield "meaning must be “same” or “changed”"
    names = set(PLACEHOLDER.findall(change.old[-1]))
    for text in (change.new[-1], *(forms[-1] for forms in change.translations.values())):
        if set(PLACEHOLDER.findall(text)) != names:
            yield f"placeholders differ from those of the old string: {text!r}"


def format_literal(text: str, column: int, indent: int) -> str:
    """Return Python source for a string: on one line if it fits there, else in pieces on lines of their own."""
    literal = json.dumps(text, ensure_ascii=False)
    if column + len(literal) + 2 <= WIDTH:
        return literal
    room, pieces, piece = WIDTH - indent - 8, [], ""
    for word in re.findall(r"\S+\s*|\s+", text):
        if piece and len(json.dumps(piece + word, ensure_ascii=False)) > room:
            pieces.append(piece)
            piece = ""
        piece += word
    pieces.append(piece)
    break_ = "\n" + " " * (indent + 4)
    return break_ + break_.join(json.dumps(part, ensure_ascii=False) for part in pieces) + "\n" + " " * indent


def list_arguments(call: ast.Call) -> tuple[str | None, list[ast.expr]]:
    """Return the context and the string arguments of a call, or no strings if it is not a translating function."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name in CONTEXT_FUNCTIONS and call.args and isinstance(call.args[0], ast.Constant):
        return str(call.args[0].value), call.args[1:]
    return None, call.args if name in FUNCTIONS else []


def reword_python(source: str, changes: Changes) -> str:
    """Replace the strings that are arguments of translating functions."""
    lines = source.encode().split(b"\n")
    nodes = [
        (argument, position, change)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        for context, arguments in [list_arguments(node)]
        for position, argument in enumerate(arguments)
        if isinstance(argument, ast.Constant) and (change := changes.get((context, str(argument.value))))
    ]
    for node, position, change in sorted(nodes, key=lambda item: (item[0].lineno, item[0].col_offset), reverse=True):
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        before, after = lines[first][: node.col_offset], lines[last][node.end_col_offset :]
        indent = len(before) - len(before.lstrip())
        new = change.reword(str(node.value), position)
        literal = format_literal(new, len(before.decode()) + len(after.decode()), indent)
        lines[first : last + 1] = (before + literal.encode() + after).split(b"\n")
    return b"\n".join(lines).decode()


def reword_template(source: str, changes: Changes) -> str:
    """Replace the strings of translating calls and of `trans` blocks."""
    pieces, end = [], 0
    for call in _CALL.finditer(source):
        at, position, context = call.end(), -1 if call["context"] else 0, None
        while literal := _LITERAL.match(source, at):
            quote, text = literal[0][0], ast.literal_eval(literal[0])
            if position < 0:
                context = text
            elif (change := changes.get((context, text))) and literal.start() >= end:
                new = json.dumps(change.reword(text, position), ensure_ascii=False)
                new = new if quote == '"' else "'" + new[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"
                pieces += [source[end : literal.start()], new]
                end = literal.end()
            following = re.compile(r"\s*,\s*").match(source, literal.end())
            if not following:
                break
            at, position = following.end(), position + 1
    return _TRANS.sub(lambda block: _reword_block(block, changes), "".join(pieces) + source[end:])


def _reword_block(block: re.Match[str], changes: Changes) -> str:
    parts = _PLURALIZE.split(block[2])
    for position in range(0, len(parts), 2):
        trimmed = re.sub(r"\s*\n\s*", " ", parts[position].strip())
        text = re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", trimmed)
        if change := changes.get((None, text)):
            parts[position] = PLACEHOLDER.sub(r"{{ \1 }}", change.reword(text, position // 2))
    return block[1] + "".join(parts) + block[3]


def reword_catalogue(catalogue: Catalog, language: str, changes: list[Change]) -> None:
    """Give the messages of a catalogue their new ids; keep, replace or mark their translations."""
    by_id = {(message.context, forms(message)): message for message in catalogue}
    for change in changes:
        message = by_id.get((change.context, change.old))
        if message is None:
            continue
        catalogue.delete(message.id, message.context)
        given = change.translations.get(language)
        plural = len(change.new) > 1
        new_id = change.new if plural else change.new[0]
        string = (given if plural else given[0]) if given else message.string
        flags = set(message.flags) | (set() if given or change.keeps_meaning else {"fuzzy"})
        catalogue.add(new_id, string, message.locations, flags, message.auto_comments, context=message.context)


def apply_changes(root: Path, changes: list[Change], catalogues: dict[str, Catalog]) -> dict[Path, str]:
    """Return the sources below `root` that change, with their new text, and change the catalogues.

    Raises RewordError for strings that are in no source, unless a catalogue has their new wording already.
    """
    by_old = {(change.context, text): change for change in changes for text in change.old}
    new_of = {text: new for change in changes for text, new in zip(change.old, change.new, strict=True)}
    written: dict[Path, str] = {}
    for path in (*(root / "consult").rglob("*.py"), *(root / "templates").rglob("*")):
        if path.suffix in {".py", ".html", ".txt"}:
            source = path.read_text(encoding="utf-8")
            reword = reword_python if path.suffix == ".py" else reword_template
            if (reworded := reword(source, by_old)) != source:
                written[path] = reworded
    quoted = {old: new for old, new in new_of.items() if len(old) >= MIN_QUOTED and "%(" not in old}
    for path in (root / "tests").rglob("*.py"):
        source = reworded = path.read_text(encoding="utf-8")
        for old, new in quoted.items():
            reworded = reworded.replace(
                json.dumps(old, ensure_ascii=False)[1:-1], json.dumps(new, ensure_ascii=False)[1:-1]
            )
        if reworded != source:
            written[path] = reworded
    applied = {(message.context, forms(message)) for catalogue in catalogues.values() for message in catalogue}
    faults = [
        f"row {change.row}: in no source: {change.old[0]!r}"
        for change in changes
        if not change.places and (change.context, change.new) not in applied
    ]
    if faults:
        raise RewordError("\n".join(faults))
    for language, catalogue in catalogues.items():
        reword_catalogue(catalogue, language, changes)
    return written


def forms(message: Message) -> tuple[str, ...]:
    """Return the English of a message: singular and plural, or one form."""
    return tuple(message.id) if isinstance(message.id, (list, tuple)) else (message.id,)


def load_catalogue(path: Path) -> Catalog:
    """Read a .po file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parents[1].name)


def main(arguments: list[str]) -> int:
    """Apply the file that is named; return the exit status."""
    paths = {path.parents[1].name: path for path in sorted(Path(__file__).parent.glob("*/LC_MESSAGES/messages.po"))}
    catalogues = {language: load_catalogue(path) for language, path in paths.items()}
    try:
        changes = read_changes(Path(arguments[0]), list(paths))
        written = apply_changes(ROOT, changes, catalogues)
    except RewordError as error:
        sys.stderr.write(f"{error}\nNothing was changed.\n")
        return 1
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
    for language, path in paths.items():
        with path.open("wb") as file:
            write_po(file, catalogues[language], width=76)
    sys.stdout.write(f"{len(changes)} strings, {sum(change.places for change in changes)} places\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
