"""Compiles a digest's material into its body.

Pure functions without session and clock. The same material gives the same bytes.

>>> from datetime import UTC, datetime
>>> from consult.analysis.queries import AnalysisTotals
>>> from consult.digests.content.body import ConsultationFacts
>>> day = datetime(2026, 12, 21, 11, tzinfo=UTC)
>>> facts = ConsultationFacts("plan", "DP27", "Draft plan", "Secretariat", "en", "UTC", day, day, None)
>>> news, totals = WindowNews(received=3), AnalysisTotals(upto=4, received=3, pending=3, texts=3)
>>> one = compile_body(DigestInput(facts, "weekly", 1, day, day, 1, 4, news, totals))
>>> one.headline
CountHeadline(kind='received', n=3, event=None, letter=None, others=None)
>>> one == compile_body(DigestInput(facts, "weekly", 1, day, day, 1, 4, news, totals))
True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from zoneinfo import ZoneInfo

from consult.analysis.kinds import MIN_COPIES
from consult.analysis.ledger_counts import MIN_CAMPAIGN_SIZE
from consult.analysis.queries import ANY_STANCE
from consult.core.text import NORMAL_RULE
from consult.digests import count_queries
from consult.digests.content import answers as content_answers
from consult.digests.content import arguments as content_arguments
from consult.digests.content import body_json, breakdowns, quotes
from consult.digests.content import changes as content_changes
from consult.digests.content import topics as content_topics
from consult.digests.content.body import (
    Body,
    BodyManifest,
    CountHeadline,
    CoverageSection,
    FourNumbers,
    HeardLess,
    NewAndTotal,
    NewsSection,
    PlaceHeadline,
    ReaderDuty,
)
from consult.digests.content.books import build_books
from consult.digests.content.campaigns import build_campaign
from consult.digests.content.groups import build_side_groups, find_heard_less
from consult.digests.content.material import DigestInput, DigestPlace, WindowNews, check_numbers
from consult.digests.content.rows import AMENDMENT, PlaceRow, Quote, ShortAnswerRow, with_fields
from consult.digests.sides import section as sides_section
from consult.digests.sides.section import SidesSection

RULE_VERSION = 5
"""The version of the rules in this file, for the manifest.

Bodies of version 1 contain the quoted words and have no coverage and missing groups; those of version 2 have no
answers; those of version 3 count comments on a paragraph or question together with campaigns. Readers of bodies must
handle this.
"""


def compile_body(material: DigestInput) -> Body:
    """Compile the digest of this material. Raises DoesNotAddUp if its numbers contradict each other."""
    check_numbers(material)
    rows = _build_places(material)
    overview = material.cadence == "closing"
    found = choose_headline(material, rows, overview=overview)
    return Body(
        version=body_json.VERSION,
        manifest=_build_manifest(material),
        consultation=material.facts,
        cadence=material.cadence,
        edition=material.edition,
        from_at=material.from_at,
        to_at=material.slot_at,
        headline=found,
        duty=_find_duty(material),
        numbers=_build_numbers(material),
        news=_build_news(material.news),
        books=build_books(material.totals),
        places=rows,
        topics=content_topics.build_rows(material.topics, rows),
        copied=tuple(build_campaign(copied) for copied in material.copied),
        short_answers=tuple(map(_build_short_answer, material.short_answers)),
        calls=tuple(material.calls),
        studies=tuple(material.studies),
        left_out=_count_left_out(material),
        reviewed=material.reviewed,
        arguments=content_arguments.build_rows(material.arguments, overview=overview),
        leading=content_arguments.select_leading(material.arguments, found),
        divided=content_arguments.find_divided_places(material.arguments),
        coverage=_build_coverage(material),
        who=breakdowns.build_section(material.counts, rows, material.smallest),
        heard_less=_find_heard_less(material, rows),
        since=content_changes.compare_editions(material.before, rows),
        answered=content_answers.build_section(material.answered, {place.key: place for place in material.places}),
        errata=tuple(material.errata),
        sentence=material.sentences.get(found.place) if isinstance(found, PlaceHeadline) else None,
        sides=_build_sides(material),
        papers=material.papers,
    )


def _build_sides(material: DigestInput) -> SidesSection | None:
    groups = build_side_groups(material.sides, material.smallest)
    return sides_section.build_section(material.sides, material.totals.published, groups)


def _build_short_answer(words: quotes.QuotableComment) -> ShortAnswerRow:
    return ShortAnswerRow(n=words.copies, quote=quotes.build_quote(words))


def _count_left_out(material: DigestInput) -> dict[str, int] | None:
    """Return the number of entries left out of the body's lists, by list."""
    told = content_arguments.MAX_ARGUMENTS
    cut = {**material.left_out, "arguments": material.left_out.get("arguments", 0) + len(material.arguments[told:])}
    return {name: n for name, n in cut.items() if n} or None


def _build_manifest(material: DigestInput) -> BodyManifest:
    """Return the input and rules of this body. The previous edition is identified by its manifest."""
    before = body_json.write_record(material.before.manifest) if material.before else None
    return BodyManifest(
        window=(material.since, material.until),
        rules={
            "body": RULE_VERSION,
            "quotes": quotes.RULE_VERSION,
            "normal": NORMAL_RULE,
            "campaign": MIN_CAMPAIGN_SIZE,
            "heard": count_queries.RULE_VERSION,
            "since": content_changes.RULE_VERSION,
            "arguments": content_arguments.RULE_VERSION,
        },
        input=sha256(body_json.canonical_json({**vars(material), "before": before})).hexdigest(),
        arguments=content_arguments.build_manifest(material.arguments, material.argued_upto, material.encoders),
    )


def _build_places(material: DigestInput) -> tuple[PlaceRow, ...]:
    """Return parts of the draft with published comments, most distinct new texts first.

    Copies do not affect the order.
    """
    copied = breakdowns.count_copies(material.counts.get("copied", {}))
    places = [
        with_fields(_build_place(material, position, place), copied=copied.get(place.key, {}))
        for position, place in enumerate(material.places)
        if material.stances.get(place.key, {}).get(ANY_STANCE)
    ]
    places.sort(key=_place_order)
    chosen: dict[str, list[Quote]] = dict(quotes.choose_quotes(material.words, [row.key for row in places]))
    proposed: dict[str, list[Quote]] = {}
    for amendment in material.amendments:
        proposed.setdefault(amendment.said.place, []).append(amendment.quote)
    return tuple(
        with_fields(row, quotes=_order_quotes(chosen.get(row.key, ()), proposed.get(row.key, ()), row))
        for row in places
    )


def _build_place(material: DigestInput, position: int, place: DigestPlace) -> PlaceRow:
    said, new = material.stances[place.key], material.stances_new.get(place.key, {})
    return PlaceRow(
        **vars(place),
        position=position,
        submissions=said[ANY_STANCE],
        new=new.get(ANY_STANCE, 0),
        texts=material.texts.get(place.key, 0),
        texts_new=material.texts_new.get(place.key, 0),
        stances={stance: n for stance, n in said.items() if stance != ANY_STANCE},
        stances_new={stance: n for stance, n in new.items() if stance != ANY_STANCE},
        quotes=(),
    )


def _place_order(row: PlaceRow) -> tuple[bool, int, int, int, int, int]:
    texts = (-(row.texts_new or 0), -(row.texts or 0), -row.new, -row.submissions)
    return (row.kind != "provision", *texts, row.position)


def _order_quotes(found: Sequence[Quote], proposed: Sequence[Quote], row: PlaceRow) -> tuple[Quote, ...]:
    """Return quotes with the most frequent type first, then the rarest, so that a minority comes second.

    Suggested wordings, by support, come first if most submissions suggest or support one, else second.
    """
    ranked = sorted(found, key=lambda quote: (-row.stances.get(quote.stance, 0), quote.comment))
    most = max((row.stances.get(quote.stance, 0) for quote in ranked), default=0)
    first = [] if row.stances.get(AMENDMENT, 0) > most else ranked[:1]
    return (*first, *proposed, *(ranked[:1] if not first else ()), *ranked[:0:-1])


def choose_headline(
    material: DigestInput, rows: Sequence[PlaceRow], *, overview: bool
) -> CountHeadline | PlaceHeadline:
    """Choose the finding for the headline.

    The first possible one is chosen: (1) the positions on the draft, if known for more than half of the submissions;
    (2) the campaign letter that more than half sent; (3) the most frequent type of comment on the paragraph with most
    submissions; (4) the numbers alone.
    """
    sides = _build_sides(material)
    if sides is not None and sides_section.is_finding(sides, material.totals.published):
        return CountHeadline(kind="sides", n=sides.known)
    if (letter := _find_main_letter(material, overview=overview)) is not None:
        return letter
    published = material.totals.published if overview else material.news.published
    spoken = [row for row in rows if row.kind == "provision" and _count_submissions(row, overview=overview)]
    row = max(spoken, key=partial(_weigh, overview=overview), default=None)
    if row is not None and (_count_submissions(row, overview=overview) > 1 or published == 1):
        return _build_place_headline(row, published, overview=overview)
    return _build_count_headline(material, overview=overview)


def _find_main_letter(material: DigestInput, *, overview: bool) -> CountHeadline | None:
    """Return the campaign of more than half of the (new) submissions, or None."""
    largest = max(material.copied, key=lambda copied: copied.total if overview else copied.new, default=None)
    if largest is None or not largest.told:
        return None
    received = material.totals.received if overview else material.news.received
    n = largest.total if overview else largest.new
    if n < MIN_COPIES or 2 * n <= received:
        return None
    others = material.totals.individual_texts if overview else material.news.individual_texts
    return CountHeadline(kind="letter", n=n, letter=largest.key, others=others)


def _count_submissions(row: PlaceRow, *, overview: bool) -> int:
    return row.submissions if overview else row.new


def _weigh(row: PlaceRow, *, overview: bool) -> tuple[int, int, int]:
    texts = (row.texts if overview else row.texts_new) or 0
    return texts, _count_submissions(row, overview=overview), -row.position


def _build_count_headline(material: DigestInput, *, overview: bool) -> CountHeadline:
    news = material.news
    if overview:
        return CountHeadline(kind="closed", n=material.totals.received)
    if news.published:
        return CountHeadline(kind="published", n=news.published)
    if news.received:
        return CountHeadline(kind="received", n=news.received)
    if "consultation.closed" in news.events and "consultation.reopened" not in news.events:
        return CountHeadline(kind="closed", n=material.totals.received)
    if material.answered:
        return CountHeadline(kind="answered", n=len(material.answered))
    if news.events:
        return CountHeadline(kind="event", event=news.events[0])
    if news.nothing and material.errata:
        return CountHeadline(kind="errata", n=len(material.errata))
    return CountHeadline(kind="moved", n=news.withheld + news.returned + news.withdrawn)


def _build_place_headline(row: PlaceRow, published: int, *, overview: bool) -> PlaceHeadline:
    """Return the most frequent type on a paragraph, a division of two types, or else the number of submissions.

    The type must have at least half of the submissions. Two types divide a paragraph if they are tied as the most
    frequent ones and each has at least a quarter.
    """
    of = _count_submissions(row, overview=overview)
    found = PlaceHeadline(
        kind="overview" if overview else "place",
        place=row.key,
        number=row.number,
        of=of,
        published=published,
        new=not overview,
        texts=row.texts if overview else row.texts_new,
    )
    stances = row.stances if overview else row.stances_new
    ranked = sorted(((n, stance) for stance, n in stances.items() if stance), reverse=True)
    level = sorted(stance for n, stance in ranked if n == ranked[0][0])
    if len(level) == 2 and AMENDMENT not in level and ranked[0][0] > 1 and ranked[0][0] * 4 >= of:
        return replace(found, kind="split", stances=tuple(level), n=ranked[0][0])
    if ranked and ranked[0][0] * 2 >= of and (len(ranked) == 1 or ranked[0][0] > ranked[1][0]):
        return replace(found, kind="stance", stance=ranked[0][1], n=ranked[0][0])
    return found


def _find_duty(material: DigestInput) -> ReaderDuty:
    """Return the reader's task and its date: read until the consultation closes, then answer."""
    facts = material.facts
    day = material.slot_at.astimezone(ZoneInfo(facts.timezone)).date()
    days = (facts.answer_by - day).days if facts.answer_by else None
    if facts.closes_at > material.slot_at:
        return ReaderDuty(kind="open", days=(facts.closes_at - material.slot_at).days)
    if days is None:
        return ReaderDuty(kind="none")
    return ReaderDuty(kind="answer" if days >= 0 else "overdue", days=abs(days))


def _build_numbers(material: DigestInput) -> FourNumbers:
    news, totals = material.news, material.totals
    return FourNumbers(
        received=NewAndTotal(new=news.received, total=totals.received),
        texts=NewAndTotal(new=news.texts, total=totals.texts),
        individual=NewAndTotal(new=news.individual_texts, total=totals.individual_texts),
        organisations=NewAndTotal(new=news.organisations, total=totals.organisations),
    )


def _build_coverage(material: DigestInput) -> CoverageSection:
    """Return how many published submissions refer to a part of the draft, or are in an argument or a campaign."""
    placed = breakdowns.count_coverage(material.counts.get("coverage", {}), material.totals.published)
    return content_arguments.add_coverage(placed, material.covered)


def _find_heard_less(material: DigestInput, rows: Sequence[PlaceRow]) -> HeardLess:
    kinds = {words.comment_id: words.kind for words in material.words}
    quoted = sorted({kinds.get(quote.comment, "") for row in rows for quote in row.quotes})
    return find_heard_less(material.counts, material.targets, quoted, material.smallest)


def _build_news(news: WindowNews) -> NewsSection:
    return NewsSection(**{**vars(news), "names": tuple(news.names), "events": tuple(news.events)})
