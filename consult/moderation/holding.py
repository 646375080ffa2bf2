"""The rules of an owner: words and patterns for which a person looks first. A rule holds, and never rejects.

Patterns are RE2's: they have no look-around and no references back, and take time in proportion to the text, whatever
anybody writes. Source: https://github.com/google/re2/wiki/WhyRE2.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import re2
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.consultations.service import owned
from consult.core.clock import now
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.moderation.recourse import HoldRule, RuleKind
from consult.submissions.model import Comment, State, Submission

MOST = 50
LINES = 200
RECENT = 200
MEMORY = 1 << 20
"""Bytes that one pattern may take: one that wants more is refused when it is written."""
_LETTER = r"[\pL\pM\pN_]"


class RuleRefused(Refusal):
    """This cannot be a rule."""


@dataclass(frozen=True)
class Rule:
    """A rule as it is matched."""

    name: str
    kind: RuleKind
    text: str


@dataclass(frozen=True, order=True)
class Hit:
    """Words of one text that a rule holds it for: `[start, end)` in its characters."""

    text: int  # its position
    start: int
    end: int
    rule: str
    words: str


@dataclass(frozen=True)
class Trial:
    """What a rule would do: to a text that was typed, and to what came in lately."""

    hits: Sequence[Hit]
    of: int  # so many of the newest submissions
    held: int
    shown: Sequence[tuple[str, str]]  # reference and words of those among them that everybody may read


def matches(rules: Sequence[Rule], texts: Sequence[str]) -> list[Hit]:
    """Where the rules find what they look for, in order. Linear in the texts.

    >>> [hit.words for hit in matches([Rule("x", RuleKind.WORDS, "dealer*")], ["Dealers say", "a redealer"])]
    ['Dealers']
    """
    found = []
    for rule in rules:
        pattern = compiled(rule.kind, rule.text)
        for number, text in enumerate(texts):
            for match in pattern.finditer(text):
                start, end = match.span(1) if rule.kind is RuleKind.WORDS else match.span()
                if end > start:
                    found.append(Hit(number, start, end, rule.name, text[start:end]))
    return sorted(found)


@lru_cache(maxsize=512)
def compiled(kind: RuleKind, text: str) -> Any:
    """The pattern of a rule. Raises RuleRefused for one that RE2 does not take."""
    options = re2.Options()
    options.case_sensitive, options.log_errors, options.max_mem = False, False, MEMORY
    try:
        return re2.compile(_of_words(text) if kind is RuleKind.WORDS else text, options)
    except re2.error as error:
        said = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
        raise RuleRefused(_("This pattern cannot be used: %(why)s", why=said), field="text") from error


def checked(kind: RuleKind, text: str) -> str:
    """The text of a rule as it is kept. Raises RuleRefused where it is no rule, or would hold everything."""
    kept = unicodedata.normalize("NFC", text).strip()
    if kind is RuleKind.WORDS:
        words = list(dict.fromkeys(filter(None, (" ".join(line.split()) for line in kept.splitlines()))))
        if len(words) > LINES:
            raise RuleRefused(_("Give at most %(most)s words or phrases in one rule.", most=LINES), field="text")
        if any(not word.strip("* ") for word in words):
            raise RuleRefused(_("A star stands for the end of a word: write its beginning before it."), field="text")
        kept = "\n".join(words)
    if not kept:
        raise RuleRefused(_("Say what the rule looks for"), field="text")
    if compiled(kind, kept).search("") is not None:
        raise RuleRefused(_("This pattern would hold everything: it finds nothing at all, too."), field="text")
    return kept


def add(session: Session, *, number: int, by: Account, name: str, kind: RuleKind, text: str) -> HoldRule:
    """A rule for what comes in from now on. Raises RuleRefused, and a refusal where the consultation is not theirs."""
    consultation = owned(session.get(Consultation, number), by)
    kept = checked(kind, text)
    in_use = every(session, consultation.id)
    if len(in_use) >= MOST:
        raise RuleRefused(_("A consultation has at most %(most)s rules. Retire one first.", most=MOST))
    if any(rule.name == name for rule in in_use):
        raise RuleRefused(_("There is a rule with this name. Retire it, or choose another name."), field="name")
    row = HoldRule(
        consultation_id=consultation.id, name=name, kind=kind, text=kept, account_id=by.id, created_at=now(),
        retired_at=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def retire(session: Session, *, number: int, by: Account, rule_id: int, at: datetime | None = None) -> HoldRule:
    """It holds nothing from now on; what it held stays where it is. May be repeated."""
    consultation = owned(session.get(Consultation, number), by)
    row = session.get(HoldRule, rule_id)
    if row is None or row.consultation_id != consultation.id:
        raise NotFound(_("There is no such rule."))
    row.retired_at = row.retired_at or at or now()
    session.flush()
    return row


def every(session: Session, consultation_id: int) -> Sequence[HoldRule]:
    """The rules of a consultation that are in use, by name."""
    return session.scalars(
        select(HoldRule)
        .where(HoldRule.consultation_id == consultation_id, HoldRule.retired_at.is_(None))
        .order_by(HoldRule.name)
    ).all()


def in_use(session: Session, consultation_ids: Collection[int]) -> dict[int, list[Rule]]:
    """The rules of each of these consultations. One statement."""
    found: dict[int, list[Rule]] = {}
    rows = session.execute(
        select(HoldRule.consultation_id, HoldRule.name, HoldRule.kind, HoldRule.text)
        .where(HoldRule.consultation_id.in_(consultation_ids), HoldRule.retired_at.is_(None))
        .order_by(HoldRule.name)
    )
    for row in rows:
        found.setdefault(row.consultation_id, []).append(Rule(row.name, RuleKind(row.kind), row.text))
    return found


def sheet(session: Session, *, number: int, by: Account) -> tuple[Consultation, Sequence[HoldRule]]:
    """A consultation of one's own with its rules. Raises NotFound."""
    consultation = owned(session.get(Consultation, number), by)
    return consultation, every(session, consultation.id)


def try_out(session: Session, *, number: int, by: Account, kind: RuleKind, text: str, typed: str) -> Trial:
    """What a rule would hold, of a text and of the newest submissions. The owner reads only words that are public."""
    consultation = owned(session.get(Consultation, number), by)
    rule = Rule("", kind, checked(kind, text))
    newest = (
        select(Submission.id, Submission.reference, Submission.state)
        .where(Submission.consultation_id == consultation.id, Submission.state.not_in((State.ERASED, State.WITHDRAWN)))
        .order_by(Submission.id.desc())
        .limit(RECENT)
        .subquery()
    )
    said = func.array_agg(func.coalesce(Comment.redacted_body, Comment.body))
    rows = session.execute(
        select(newest.c.reference, newest.c.state, func.array_agg(Comment.body), said)
        .join(Comment, Comment.submission_id == newest.c.id)
        .group_by(newest.c.id, newest.c.reference, newest.c.state)
        .order_by(newest.c.id.desc())
    ).all()
    held = [row for row in rows if matches([rule], row[2])]
    shown = [(row[0], hits[0].words) for row in held if row[1] == State.PUBLISHED and (hits := matches([rule], row[3]))]
    return Trial(matches([rule], [typed]) if typed else (), len(rows), len(held), shown[:20])


def _of_words(text: str) -> str:
    """Whole words and phrases, one a line; a star at the end of a word stands for any ending."""
    words = [
        r"[\s\pP]+".join(
            re2.escape(part.rstrip("*")) + (_LETTER + "*" if part.endswith("*") else "") for part in line.split()
        )
        for line in text.splitlines()
    ]
    return rf"(?:^|[^\pL\pM\pN_])({'|'.join(words)})(?:$|[^\pL\pM\pN_])"
