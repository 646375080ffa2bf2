"""Current words of quotes, added to a digest's body.

A body stores the position of a quote and the comment's hash; the words are read from the comment. If the comment was
withheld, withdrawn, erased, partly hidden or amended since, the quote is removed with its reason: the errata of an
edition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis.text.kept_words import mask_names
from consult.digests import quote_hashes
from consult.digests.content.body import Body
from consult.digests.content.rows import ArgumentRow, ChangedWords, PlaceRow, Quote, QuoteTranslation, with_fields
from consult.digests.figures.summary import Summary
from consult.digests.render.marks import in_quotation_marks
from consult.documents.versions import diff
from consult.submissions.amendments import queries as amendments
from consult.submissions.model import Stance

Quoting = TypeVar("Quoting", Body, Summary)
Change = Callable[[Quote], Quote]
_COMMENTS = text(
    """
    SELECT c.id, coalesce(c.redacted_body, c.body) AS body, c.redacted_body IS NOT NULL AS redacted, s.state, s.present,
        s.public_name AS name,
        (SELECT jsonb_object_agg(t.language, jsonb_build_object('words', t.body, 'credit', t.credit))
            FROM readable_translation t WHERE t.comment_id = c.id
            AND t.of_words = sha256(convert_to(coalesce(c.redacted_body, c.body), 'UTF8'))) AS translations
    FROM readable_comment c JOIN readable_submission s ON s.id = c.submission_id WHERE c.id = ANY(:ids)
    """
)
_SUGGESTING = (Stance.WORDING, Stance.AMENDMENT)
_ENDED = ("withheld", "withdrawn", "erased")


def fill_quotes(session: Session, body: Quoting) -> Quoting:
    """Fill in the quotes of a body: `words`, `name` and, for a group, `present`, or `gone` if it changed.

    Runs one query, and a second one for suggested wordings. Quotes of whole comments get their translations by
    language. Suggested wordings get their differences.
    """
    ids = sorted({quote.comment for quote in iterate_quotes(body)})
    rows = {row.id: row for row in session.execute(_COMMENTS, {"ids": ids})} if ids else {}
    suggested = sorted({quote.comment for quote in iterate_quotes(body) if quote.stance in _SUGGESTING})
    changes = amendments.list_differences(session, suggested) if suggested else {}
    return _replace_quotes(
        body,
        lambda quote: _mask_name(
            _with_difference(_read_words(quote, rows.get(quote.comment)), changes.get(quote.comment))
        ),
    )


def key_hashes(body: Quoting) -> Quoting:
    """Return the body for storage, with its plain hashes replaced by keyed ones."""
    keyed = _replace_quotes(body, lambda quote: with_fields(quote, sha256=quote_hashes.key_hash(quote.sha256)))
    if not isinstance(keyed, Body):
        return keyed
    return replace(keyed, manifest=replace(keyed.manifest, input=quote_hashes.key_hash(keyed.manifest.input)))


def iterate_quotes(body: Body | Summary) -> Iterator[Quote]:
    """Yield every quote of a body."""
    for place in body.places:
        yield from place.quotes
    for argument in _list_arguments(body):
        yield argument.quote
        yield from argument.reasons
    for copied in body.copied:
        if copied.sample:
            yield copied.sample
        yield from copied.demands
        if copied.opening:
            yield copied.opening
        yield from copied.added
    if isinstance(body, Body):
        yield from (answer.quote for answer in body.short_answers)


def _list_arguments(body: Body | Summary) -> list[ArgumentRow]:
    if isinstance(body, Summary):
        return [*body.arguments, *body.leading, *(body.top or {}).values()]
    return [*body.arguments, *body.leading, *(argument for place in body.divided for argument in place.arguments)]


def _replace_quotes(body: Quoting, change: Change) -> Quoting:
    """Return the body with every quote changed."""
    changed = replace(
        body,
        places=tuple(with_fields(place, quotes=tuple(map(change, place.quotes))) for place in body.places),
        arguments=_replace_arguments(body.arguments, change),
        leading=_replace_arguments(body.leading, change),
        copied=tuple(
            replace(
                copied,
                sample=change(copied.sample) if copied.sample else None,
                demands=tuple(map(change, copied.demands)),
                opening=change(copied.opening) if copied.opening else None,
                added=tuple(map(change, copied.added)),
            )
            for copied in body.copied
        ),
    )
    if isinstance(changed, Body):
        divided = (replace(place, arguments=_replace_arguments(place.arguments, change)) for place in changed.divided)
        short = tuple(replace(one, quote=change(one.quote)) for one in changed.short_answers)
        return replace(changed, divided=tuple(divided), short_answers=short)
    top = {place: _replace_argument(row, change) for place, row in changed.top.items()} if changed.top else None
    return replace(changed, top=top)


def _replace_arguments(rows: Sequence[ArgumentRow], change: Change) -> tuple[ArgumentRow, ...]:
    return tuple(_replace_argument(row, change) for row in rows)


def _replace_argument(row: ArgumentRow, change: Change) -> ArgumentRow:
    return with_fields(row, quote=change(row.quote), reasons=tuple(map(change, row.reasons)))


@dataclass(frozen=True)
class RemovedQuote:
    """A removed quote with its part of the draft."""

    quote: Quote
    place: PlaceRow | None


def list_removed_quotes(body: Body) -> list[RemovedQuote]:
    """Return the distinct removed quotes of a filled body."""
    quotes: dict[int, RemovedQuote] = {}
    for place in body.places:
        for quote in place.quotes:
            if quote.gone:
                quotes.setdefault(quote.comment, RemovedQuote(quote, place))
    for quote in iterate_quotes(body):
        if quote.gone:
            quotes.setdefault(quote.comment, RemovedQuote(quote, None))
    return list(quotes.values())


def _read_words(quote: Quote, row: Any) -> Quote:
    if row is None:
        return _take_out(quote, "erased")
    if row.state != "published" or not quote_hashes.is_of(quote.sha256, row.body):
        return _take_out(quote, row.state if row.state in _ENDED else "redacted" if row.redacted else "amended")
    whole = quote.start == 0 and quote.end >= len(row.body.rstrip())
    made = (row.translations or {}) if whole else {}
    return with_fields(
        quote,
        words=row.body[quote.start : quote.end],
        name=row.name,
        gone="",
        translations={language: QuoteTranslation(**one) for language, one in made.items()},
        present=row.present,
    )


def _mask_name(quote: Quote) -> Quote:
    return with_fields(quote, words=mask_names(quote.words)) if quote.words else quote


def _with_difference(quote: Quote, change: amendments.Difference | None) -> Quote:
    """Return a quoted suggested wording with its differences, and the quoted reason in quotation marks."""
    if change is None or quote.gone or quote.start >= max(change.length, 1):
        return quote
    runs = [ChangedWords(mark=run.mark.value, text=run.text) for run in diff.shorten(change.runs)]
    if why := (quote.words or "")[change.length - quote.start :].strip():
        runs.append(ChangedWords(mark="same", text=f" {in_quotation_marks(why)}"))
    return with_fields(quote, difference=tuple(runs))


def _take_out(quote: Quote, why: str) -> Quote:
    return replace(quote, words="", name=None, gone=why)
