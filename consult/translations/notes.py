"""Notes for translators, written into the extracted catalogue by `make catalogue`.

`notes.csv` has a note for each placeholder (`%(day)s`) and for strings that need one of their own (`context` and
`about` name the string). For short strings this module adds the kind of place, such as “button” or “column heading”. It
shows whether a word is a verb or a noun. Templates and code stay free of comments.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = re.compile(r"%\(\w+\)s")
SHORT = 3
"""Words of a string up to which its places are named."""
_CALL = re.compile(r'(?<!\w)(?:_|N_|n?gettext|NP_|n?pgettext)\((?:"(?P<first>[^"]*)", )?"(?P<last>[^"]*)"')
_BEFORE = 140
_PLACES = {
    "button": r"(?:button\(|<button[^>]*>\s*\{\{ )$",
    "page title": r"(?:block title %\}(?:\{\{ |[^%]*\{\{ )|banner\()$",
    "heading": r"<h[1-6][^>]*>\s*\{\{ $",
    "status": r"\btag\($",
    "label of a value": r"\"label\": $",
    "column heading": r"(?:data-label=\"\{\{ |<th\b[^>]*>\{\{ |\"head\": \[[^\]]*|\btable\([^\[\n]*\[[^\]\n]*)$",
    "link": r"(?:<a\b[^>]*>\s*\{\{ )$",
    "choice in a list": r"(?:<option[^>]*>\{\{ |SelectChoice\([^,()]*, )$",
    "field label": r"(?:<label\b[^>]*>\{\{ |Field\(\s*)$",
    "message after an action": r"flash\($",
    "error message": r"(?:Refusal|Conflict|Forbidden|NotFound)\($",
    "for screen readers": r"(?:class=\"hidden\">\s*\(?\{\{ |aria-label=\"\{\{ )$",
}
_VALUE = re.compile(r"\b([A-Z]\w+)\.[A-Z_]+: $")
Key = tuple[str | None, str]


def load_notes(path: Path) -> dict[Key, str]:
    """Return notes by context and placeholder or string."""
    with path.open(newline="", encoding="utf-8") as file:
        return {(row["context"] or None, row["about"]): row["note"] for row in csv.DictReader(file)}


def list_places(source: str) -> Iterator[tuple[Key, str]]:
    """Yield each translated string of a source file with the kind of place where it appears.

    >>> list(list_places('{{ button(_("Appeal")) }} <h2>{{ pgettext("note", "Open") }}</h2>'))
    [((None, 'Appeal'), 'button'), (('note', 'Open'), 'heading')]
    """
    for call in _CALL.finditer(source):
        context = call["first"] if "pgettext" in call[0] or call[0].startswith("NP_") else None
        text = call["last"] if context or call["first"] is None else call["first"]
        before = source[max(0, call.start() - _BEFORE) : call.start()]
        if value := _VALUE.search(before):
            yield (context, text), f"value of {value[1]}"
        for place, pattern in _PLACES.items():
            if re.search(pattern, before):
                yield (context, text), place


def find_places(root: Path) -> dict[Key, list[str]]:
    """Return the kinds of places of each string, without repetition."""
    places = defaultdict[Key, list[str]](list)
    for folder in ("consult", "templates"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and path != Path(__file__):
                for key, place in list_places(path.read_text(encoding="utf-8")):
                    if place not in places[key]:
                        places[key].append(place)
    return places


def write_notes(message: Message, notes: Mapping[Key, str], places: Mapping[Key, list[str]]) -> list[str]:
    """Return the notes of a message: its own, those of its placeholders, and its places if it is short."""
    first, last = (message.id, message.id) if isinstance(message.id, str) else (message.id[0], message.id[-1])
    key = (message.context, first)
    own = [notes[key]] if key in notes else []
    mentioned = " ".join(own)
    held = [place for place in dict.fromkeys(PLACEHOLDER.findall(last)) if place not in mentioned]
    own += [f"{place}: {notes[None, place]}" for place in held if (None, place) in notes]
    if len(last.split()) <= SHORT and places.get(key):
        own.append(f"Appears as: {', '.join(places[key])}.")
    return own


def find_missing(message: Message) -> str | None:
    """Return why a message of a catalogue needs a note that it does not have, or None."""
    last = message.id if isinstance(message.id, str) else message.id[-1]
    comments = " ".join(message.auto_comments)
    if unexplained := [place for place in PLACEHOLDER.findall(last) if place not in comments]:
        return f"{unexplained[0]} is not explained"
    is_word = re.fullmatch(r"\w[\w-]*", last) is not None
    return "one word" if is_word and not message.context and not comments else None


def annotate(catalogue: Catalog, notes: Mapping[Key, str], places: Mapping[Key, list[str]]) -> None:
    """Add the notes to the messages of an extracted catalogue."""
    for message in catalogue:
        if message.id:
            message.auto_comments = [*message.auto_comments, *write_notes(message, notes, places)]


def main(path: str) -> None:
    """Annotate an extracted catalogue in place."""
    with open(path, "rb") as file:
        catalogue = read_po(file)
    annotate(catalogue, load_notes(Path(__file__).with_name("notes.csv")), find_places(ROOT))
    with open(path, "wb") as file:
        write_po(file, catalogue, width=76)


if __name__ == "__main__":
    main(sys.argv[1])
