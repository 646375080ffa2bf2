"""What a digest says: numbers, fixed findings and quotes, as plain data from which mail and page are made.

Pure: no session, no clock. The same material gives the same bytes. Nothing is written in prose here: a finding is a
kind and its numbers, and the templates say it in the reader's language.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from consult.analysis.following import CAMPAIGN
from consult.analysis.queries import ANY, Totals
from consult.core.text import NORMAL_RULE
from consult.digests import answered, argued, counting, findings, quotes, since
from consult.digests import topics as about
from consult.digests.answered import Answered
from consult.digests.copied import Copied, copied_form
from consult.digests.groups import Target, heard_less
from consult.digests.quotes import Words
from consult.documents.tags import About

RULE = 3
"""The version of this file's rules, for the manifest. Bodies of version 1 keep the quoted words in themselves and know
neither coverage nor who was heard less, those of version 2 no answers; what shows a body must do without."""

Stances = Mapping[str, int]


class DoesNotAddUp(Exception):
    """The numbers of a digest contradict each other: it is not sent. A defect, never a person's fault."""


@dataclass(frozen=True)
class Place:
    """Somewhere that can be commented on. `key` is a provision's wid, `q` and a question's id, or empty.

    `address` is what stands for it in the address of its page, `number` what people call it.
    """

    key: str
    kind: str  # "provision", "question", "whole", or "former": in an earlier version of the draft only
    address: str
    number: str
    words: str


@dataclass(frozen=True)
class Facts:
    """What a digest repeats of its consultation."""

    slug: str
    code: str
    title: str
    body: str
    language: str
    timezone: str
    opens_at: datetime
    closes_at: datetime
    answer_by: date | None


@dataclass(frozen=True)
class News:
    """What happened in the window, in submissions; `texts` are those first received in it."""

    received: int = 0
    published: int = 0
    returned: int = 0
    amended: int = 0
    withheld: int = 0
    withdrawn: int = 0
    erased: int = 0
    texts: int = 0
    individual_texts: int = 0
    organisations: int = 0
    names: Sequence[str] = ()  # of organisations published in the window, the first few
    events: Sequence[str] = ()  # kinds of ledger entries that are not about one submission

    @property
    def nothing(self) -> bool:
        counts = (self.received, self.published, self.returned, self.amended)
        ends = (self.withheld, self.withdrawn, self.erased)
        return not any(counts) and not any(ends) and not self.events


@dataclass(frozen=True)
class Erratum:
    """A comment that an earlier edition quotes and that may no longer be read so."""

    comment: int
    reference: str
    digest: int
    edition: int
    gone: str  # "withheld", "withdrawn", "erased", "redacted" or "amended"


@dataclass(frozen=True)
class Material:
    """Everything a digest is made of."""

    facts: Facts
    cadence: str
    edition: int
    slot_at: datetime
    from_at: datetime
    since: int
    until: int
    news: News = News()
    totals: Totals = field(default_factory=Totals)
    places: Sequence[Place] = ()
    said: Mapping[str, Stances] = field(default_factory=dict)
    said_new: Mapping[str, Stances] = field(default_factory=dict)
    words: Sequence[Words] = ()
    copied: Sequence[Copied] = ()
    texts: Mapping[str, int] = field(default_factory=dict)  # distinct texts by place
    texts_new: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # digests/counting.py
    targets: Sequence[Target] = ()
    topics: Sequence[About] = ()
    smallest: int = 5  # a group of contributors that may be shown
    before: Mapping[str, Any] | None = None  # the body of the last edition
    errata: Sequence[Erratum] = ()
    answered: Sequence[Answered] = ()
    arguments: Sequence[argued.Argued] = ()
    argued_upto: int = 1  # the ledger number as of which they are
    encoders: Sequence[str] = ()  # by what, besides words, their statements were compared
    covered: Mapping[str, int] = field(default_factory=dict)  # submissions in arguments, in campaigns, in either


@dataclass(frozen=True)
class DigestBody:
    """The finished digest."""

    data: dict[str, Any]

    @cached_property
    def form(self) -> bytes:
        """Its one form: JSON with sorted keys, no spaces, UTF-8."""
        return canonical(self.data)

    @property
    def sha256(self) -> bytes:
        return sha256(self.form).digest()


def canonical(value: Any) -> bytes:
    """JSON that is the same for the same value. Source: RFC 8785 in spirit."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain).encode()


def _plain(value: Any) -> Any:
    return list(vars(value).values()) if is_dataclass(value) else str(value)


def compile(material: Material) -> DigestBody:
    """The digest of this material. Raises DoesNotAddUp where its numbers contradict each other.

    >>> from datetime import UTC
    >>> day = datetime(2026, 12, 21, 11, tzinfo=UTC)
    >>> facts = Facts("plan", "DP27", "Draft plan", "Secretariat", "en", "UTC", day, day, None)
    >>> news, totals = News(received=3), Totals(upto=4, received=3, pending=3, texts=3)
    >>> one = compile(Material(facts, "weekly", 1, day, day, 1, 4, news, totals))
    >>> one.data["headline"]
    {'kind': 'received', 'n': 3}
    >>> one.form == compile(Material(facts, "weekly", 1, day, day, 1, 4, news, totals)).form
    True
    """
    check(material)
    rows = _places(material)
    overview = material.cadence == "closing"
    found = headline(material, rows, overview=overview)
    return DigestBody(
        {
            "manifest": _manifest(material),
            "consultation": _facts(material.facts),
            "cadence": material.cadence, "edition": material.edition,
            "from": material.from_at.isoformat(), "to": material.slot_at.isoformat(),
            "headline": found,
            "duty": _duty(material),
            "numbers": _numbers(material),
            "news": _news(material.news),
            "books": books_form(material.totals),
            "places": rows,
            "topics": about.rows(material.topics, rows),
            "copied": [copied_form(copied) for copied in material.copied],
            **argued.told(material.arguments, found, overview=overview),
            "coverage": _coverage(material),
            "who": findings.who(material.counts, rows, material.smallest),
            "heard_less": _heard_less(material, rows),
            "since": since.changes(material.before, rows),
            **answered.told(material.answered, {place.key: place for place in material.places}),
            "errata": [asdict(erratum) for erratum in material.errata],
        }
    )  # fmt: skip


def _manifest(material: Material) -> dict[str, Any]:
    """From what and by which rules this was made."""
    rules = {
        "body": RULE, "quotes": quotes.RULE, "normal": NORMAL_RULE, "campaign": CAMPAIGN, "heard": counting.RULE,
        "since": since.RULE, "arguments": argued.RULE,
    }  # fmt: skip
    before = (material.before or {}).get("manifest")  # by what it was made of, not word for word
    made_of = sha256(canonical({**vars(material), "before": before})).hexdigest()
    return {
        "window": [material.since, material.until], "rules": rules, "input": made_of,
        "arguments": argued.manifest(material.arguments, material.argued_upto, material.encoders),
    }  # fmt: skip


def check(material: Material) -> None:
    """Raises DoesNotAddUp unless the books balance and no part is larger than its whole."""
    totals, news = material.totals, material.news
    if not totals.balanced or totals.upto != material.until:
        raise DoesNotAddUp(f"the books at {material.until}: {totals}")
    if news.received > totals.received or news.texts > totals.texts or news.individual_texts > news.texts:
        raise DoesNotAddUp(f"more is new than there is: {news}, {totals}")
    for place, stances in material.said.items():
        most = stances.get(ANY, 0)
        if most > totals.published or any(n > most for n in stances.values()):
            raise DoesNotAddUp(f"more submissions speak to {place!r} than are published: {stances}")
    classes = sum(one.published for one in totals.classes.values())
    if totals.classes and classes != totals.published:
        raise DoesNotAddUp(f"the classes are not what is published: {totals}")
    coverage = material.counts.get("coverage")
    if coverage is not None and sum(coverage.values()) != totals.published:
        raise DoesNotAddUp(f"placed and not placed are not what is published: {coverage}, {totals}")
    for place, stances in material.said_new.items():
        if any(n > material.said.get(place, {}).get(stance, 0) for stance, n in stances.items()):
            raise DoesNotAddUp(f"more is new at {place!r} than there is: {stances}")


def _facts(facts: Facts) -> dict[str, Any]:
    return {
        **asdict(facts), "opens_at": facts.opens_at.isoformat(), "closes_at": facts.closes_at.isoformat(),
        "answer_by": facts.answer_by.isoformat() if facts.answer_by else None,
    }  # fmt: skip


def _places(material: Material) -> list[dict[str, Any]]:
    """Places with published words, most distinct new texts first: copies are counted, and never decide the order."""
    rows = []
    for position, place in enumerate(material.places):
        said, new = material.said.get(place.key, {}), material.said_new.get(place.key, {})
        if said.get(ANY):
            rows.append(
                {
                    **vars(place), "position": position, "submissions": said[ANY], "new": new.get(ANY, 0),
                    "texts": material.texts.get(place.key, 0), "texts_new": material.texts_new.get(place.key, 0),
                    "stances": {stance: n for stance, n in said.items() if stance != ANY},
                    "stances_new": {stance: n for stance, n in new.items() if stance != ANY},
                }
            )  # fmt: skip
    rows.sort(key=_order)
    chosen = quotes.choose(material.words, [row["key"] for row in rows])
    for row in rows:
        row["quotes"] = _in_order(chosen.get(row["key"], []), row)
    return rows


def _order(row: Mapping[str, Any]) -> tuple[bool, int, int, int, int, int]:
    texts = (-row["texts_new"], -row["texts"], -row["new"], -row["submissions"])
    return (row["kind"] != "provision", *texts, row["position"])


def _in_order(found: list[dict[str, Any]], row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The quote of the stance that most take, then of the one that fewest take: a minority is heard second."""
    ranked = sorted(found, key=lambda quote: (-row["stances"].get(quote["stance"], 0), quote["comment"]))
    return ranked[:1] + ranked[:0:-1]


def headline(material: Material, rows: Sequence[Mapping[str, Any]], *, overview: bool) -> dict[str, Any]:
    """The finding: what most of those who spoke to the busiest paragraph said; else the plainest true thing."""
    count, stances = ("submissions", "stances") if overview else ("new", "stances_new")
    published = material.totals.published if overview else material.news.published
    spoken = [row for row in rows if row["kind"] == "provision" and row[count]]
    texts = "texts" if overview else "texts_new"
    row = max(spoken, key=lambda row: (row.get(texts, 0), row[count], -row["position"]), default=None)
    if row is not None and (row[count] > 1 or published == 1):
        found = {"place": row["key"], "number": row["number"], "of": row[count], "published": published,
                 "new": not overview}  # fmt: skip
        return _finding(row[stances], found) or {"kind": "overview" if overview else "place", **found}
    if overview:
        return {"kind": "closed", "n": material.totals.received}
    if material.news.published:
        return {"kind": "published", "n": material.news.published}
    if material.news.received:
        return {"kind": "received", "n": material.news.received}
    if "consultation.closed" in material.news.events:
        return {"kind": "closed", "n": material.totals.received}
    if material.answered:
        return {"kind": "answered", "n": len(material.answered)}
    if material.news.events:
        return {"kind": "event", "event": material.news.events[0]}
    if material.news.nothing and material.errata:
        return {"kind": "errata", "n": len(material.errata)}
    return {"kind": "moved", "n": material.news.withheld + material.news.returned + material.news.withdrawn}


def _finding(stances: Stances, found: dict[str, Any]) -> dict[str, Any] | None:
    """The stance that at least half of a paragraph's submissions take, or that two stances are level; else None."""
    ranked = sorted(((n, stance) for stance, n in stances.items() if stance), reverse=True)
    if len(ranked) > 1 and ranked[0][0] == ranked[1][0] and ranked[0][0] > 1:
        level = [stance for n, stance in sorted(ranked, key=lambda pair: pair[1]) if n == ranked[0][0]][:2]
        return {"kind": "split", "stances": level, "n": ranked[0][0], **found}
    if ranked and ranked[0][0] * 2 >= found["of"] and (len(ranked) == 1 or ranked[0][0] > ranked[1][0]):
        return {"kind": "stance", "stance": ranked[0][1], "n": ranked[0][0], **found}
    return None


def _duty(material: Material) -> dict[str, Any]:
    """What is asked of the reader, and by when: to read until it closes, to answer once it has."""
    facts = material.facts
    day = material.slot_at.astimezone(ZoneInfo(facts.timezone)).date()
    days = (facts.answer_by - day).days if facts.answer_by else None
    if facts.closes_at > material.slot_at:
        return {"kind": "open", "days": (facts.closes_at - material.slot_at).days}
    if days is None:
        return {"kind": "none"}
    return {"kind": "answer" if days >= 0 else "overdue", "days": abs(days)}


def _numbers(material: Material) -> dict[str, dict[str, int]]:
    news, totals = material.news, material.totals
    return {
        "received": {"new": news.received, "total": totals.received},
        "texts": {"new": news.texts, "total": totals.texts},
        "individual": {"new": news.individual_texts, "total": totals.individual_texts},
        "organisations": {"new": news.organisations, "total": totals.organisations},
    }


def _coverage(material: Material) -> dict[str, int]:
    """How much of what is published is placed: it speaks to a paragraph or a question."""
    found = material.counts.get("coverage", {})
    return {
        "published": material.totals.published,
        "placed": found.get("placed", 0),
        "unplaced": found.get("unplaced", 0),
        **argued.coverage(material.covered),
    }


def _heard_less(material: Material, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    kinds = {words.comment_id: words.kind for words in material.words}
    quoted = sorted({kinds.get(quote["comment"], "") for row in rows for quote in row["quotes"]})
    return heard_less(material.counts, material.targets, quoted, material.smallest)


def _news(news: News) -> dict[str, Any]:
    return {**asdict(news), "names": list(news.names), "events": list(news.events)}


def books_form(totals: Totals) -> dict[str, Any]:
    """The terms of the books, and what is published by its class."""
    kept = {name: n for name, n in vars(totals).items() if name not in ("upto", "classes")}
    classes = {str(kind): one.published for kind, one in totals.classes.items()}
    return {**kept, "published": totals.published, "classes": classes}
