"""A draft of 30,000 words: reading it in each format, and the map and word diff of two versions.

    python -m benchmarks.drafts [--words 30000]

Reading is measured from the bytes of an upload to provisions, including the child process. In the later version every
fifth paragraph is reworded and every twentieth moved to another chapter. As many are new, removed, divided and joined.
The floor of the diff is difflib of the standard library on the same pairs of provisions. Pasted texts that are hard to
parse have as many characters as a request reads, and as a draft may have.
"""

from __future__ import annotations

import argparse
import difflib
import random
import resource
import time
from collections.abc import Callable, Sequence
from datetime import date

from benchmarks.measure import print_table
from consult.documents.formats.akn_writer import DraftMetadata
from consult.documents.formats.export import export_draft
from consult.documents.formats.source import read_draft
from consult.documents.outline.reader import (
    MAX_DRAFT_LENGTH,
    QUICK_LENGTH,
    QUICK_LINES,
    Outline,
    is_quick,
    parse_outline,
)
from consult.documents.versions import diff, provision_map, similarity
from consult.documents.versions.provision_map import Passage, ProvisionMapLine

_TEXT = """each party shall take such measures as are needed to ensure that persons who use drugs have access to health
care treatment reduction of harm without discrimination evidence based services community prison education housing
under supervision of judicial authorities within limits national law international conventions respecting rights dignity"""
_WORDS = _TEXT.split()
_CHAPTERS = 12


def draft(words: int, chance: random.Random) -> list[list[str]]:
    """Return chapters of paragraphs of about 60 words, every fifth with two points."""
    paragraphs = [_paragraph(chance) for _n in range(words // 62)]
    return [paragraphs[n::_CHAPTERS] for n in range(_CHAPTERS)]


def _paragraph(chance: random.Random) -> str:
    return " ".join(
        f"{' '.join(chance.choices(_WORDS, k=20)).capitalize()} {chance.randrange(10**6)}." for _n in range(3)
    )


def edited(chapters: list[list[str]], chance: random.Random) -> list[list[str]]:
    """Return the later version."""
    later: list[list[str]] = [[] for _chapter in chapters]
    for number, paragraphs in enumerate(chapters):
        for place, words in enumerate(paragraphs):
            target = later[number]
            match place % 20:
                case 3:
                    later[(number + 1) % len(later)].append(words)
                case 6:
                    target += [words, _paragraph(chance)]
                case 9:
                    pass
                case 12:
                    first, _stop, rest = words.partition(". ")
                    target += [f"{first}.", rest]
                case 15 if target:
                    target[-1] = f"{target[-1]} {words}"
                case 0 | 5 | 10 | 17:
                    parts = words.split()
                    parts[3:6] = ["instead", "of", "this"]
                    target.append(" ".join(parts))
                case _:
                    target.append(words)
    return later


def markdown(chapters: Sequence[Sequence[str]]) -> str:
    lines = ["# Draft plan"]
    for number, paragraphs in enumerate(chapters, 1):
        lines.append(f"## {number} Chapter {number}")
        for place, words in enumerate(paragraphs, 1):
            lines.append(f"{number}.{place} {words}")
            own = words.rstrip(".").split()[-1]
            lines += [f"(a) test for {own};", f"(b) treat who asks for {own}."] if own.endswith(("1", "2")) else []
    return "\n\n".join(lines)


def page(split: Outline) -> str:
    """Return the draft as an HTML page."""
    tags = {"part": "h2", "chapter": "h2", "section": "h3"}
    made = [f"<h1>{split.title}</h1>"]
    for piece in split.pieces:
        tag = tags.get(piece.kind, "p")
        made.append(f"<{tag}>{piece.number} {piece.heading or piece.text}</{tag}>")
    return f"<!doctype html><html><body>{''.join(made)}</body></html>"


def cost(work: Callable[[], object]) -> tuple[float, float, object]:
    """Return wall and CPU seconds, those of the child included, and the result: the best of three runs."""
    found = []
    for _round in range(3):
        wall, cpu = time.perf_counter(), _cpu()
        made = work()
        found.append((time.perf_counter() - wall, _cpu() - cpu, made))
    return min(found, key=lambda row: row[1])


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + used.ru_utime + used.ru_stime


def passages(split: Outline, start: int) -> list[Passage]:
    return [
        Passage(start + p.position, None if p.parent is None else start + p.parent, p.kind, p.number,
                f"{p.heading}\n\n{p.text}".strip())
        for p in split.pieces
    ]  # fmt: skip


def reading(split: Outline) -> None:
    about = DraftMetadata(split.title, "plan", "Body", "en", 1, date(2027, 1, 31))
    text = export_draft("md", about, split.pieces)
    plain = text.decode().replace("# ", "").replace("#", "").encode()
    files = {
        "Markdown": text, "plain text": plain, "web page": page(split).encode(),
        "Word": export_draft("docx", about, split.pieces), "Akoma Ntoso": export_draft("xml", about, split.pieces),
    }  # fmt: skip
    rows = []
    for name, data in files.items():
        wall, cpu, made = cost(lambda data=data: parse_outline(read_draft(data)))  # type: ignore[misc]
        assert isinstance(made, Outline)
        rows.append(
            [
                name,
                f"{len(data) / 1024:,.0f}",
                f"{wall:.2f}",
                f"{cpu:.2f}",
                f"{len(made.pieces):,}",
                f"{len(made.problems)}",
            ]
        )
    for form in ("md", "xml", "docx"):
        wall, cpu, data = cost(lambda form=form: export_draft(form, about, split.pieces))  # type: ignore[misc]
        rows.append([f"written as {form}", f"{len(data) / 1024:,.0f}", f"{wall:.2f}", f"{cpu:.2f}", "", ""])  # type: ignore[arg-type]
    head = ["read", "KB", "s", "CPU s", "provisions", "problems"]
    print_table(f"{split.words:,} words, {len(split.pieces):,} provisions, best of 3", head, rows)


HOSTILE = {
    "emphasis without an end": "*a _b ",
    "emphasis and code without an end": "*a`",
    "links without an end": "[a](",
    "backslashes": "\\",
    "one long word": "a",
}
"""What paragraphs of 2,000 characters are filled with."""
HOSTILE_LINES = {
    "headings in capitals": "CHAPTER I\n\n",
    "sections of one number": "### 1 B\n\nx\n\n",
    "a list": "- x\n",
    "one paragraph of short lines": "a\n",
    "footnotes": "[^1]: x\n\n",
    "empty lines": "\n",
}


def hostile() -> None:
    """Measure pasted texts that are hard to parse: as long as a request reads, and as long as a worker reads."""
    texts = {name: (filler * 2000)[:2000] + "\n\n" for name, filler in HOSTILE.items()} | HOSTILE_LINES
    rows = []
    for name, part in texts.items():
        head = "# Plan\n\n## 1 Aims\n\n" if name in HOSTILE else ""
        whole = head + part * ((MAX_DRAFT_LENGTH - 100) // len(part))
        quick = "".join(whole[:QUICK_LENGTH].splitlines(keepends=True)[: QUICK_LINES - 1])
        assert is_quick(quick)
        spent = []
        for text in (quick, whole):
            _wall, cpu, split = cost(lambda text=text: parse_outline(text))  # type: ignore[misc]
            assert isinstance(split, Outline)
            spent.append(f"{cpu:.2f}")
        rows.append([name, f"{len(quick):,}", *spent, f"{len(split.pieces):,}", f"{len(split.problems)}"])
    columns = ["made of", "characters in a request", "CPU s", "CPU s of a million", "provisions", "problems"]
    print_table("pasted, best of 3", columns, rows)


def comparing(before: list[Passage], after: list[Passage]) -> None:
    wall, cpu, links = cost(lambda: similarity.find_links(before, after))
    assert isinstance(links, provision_map.Links)
    lines: list[ProvisionMapLine] = provision_map.build_lines(before, after, links)
    words = {passage.id: passage.words for passage in (*before, *after)}
    pairs = [
        ("\n\n".join(words[one] for one in line.before), "\n\n".join(words[one] for one in line.after))
        for line in lines if line.edited
    ]  # fmt: skip
    ours = cost(lambda: [diff.diff_words(*pair) for pair in pairs])
    floor = cost(lambda: [difflib.SequenceMatcher(None, a.split(), b.split(), False).get_opcodes() for a, b in pairs])
    rows = [["map of the versions", f"{wall:.2f}", f"{cpu:.2f}"], [f"word diff of the {len(pairs)} that changed", f"{ours[0]:.2f}", f"{ours[1]:.2f}"],
            ["the same by difflib", f"{floor[0]:.2f}", f"{floor[1]:.2f}"]]  # fmt: skip
    print_table(f"{len(before):,} provisions against {len(after):,}, best of 3", ["", "s", "CPU s"], rows)
    told = sorted({line.change for line in lines})
    print_table("the map", list(told), [[str(sum(line.change is change for line in lines)) for change in told]])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--words", type=int, default=30_000)
    given = arguments.parse_args()
    chance = random.Random(1)
    chapters = draft(given.words, chance)
    first, second = parse_outline(markdown(chapters)), parse_outline(markdown(edited(chapters, chance)))
    reading(first)
    hostile()
    comparing(passages(first, 0), passages(second, 10**6))


if __name__ == "__main__":
    main()
