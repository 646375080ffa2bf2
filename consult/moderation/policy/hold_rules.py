"""Hold rules of a consultation: words and patterns that require review by a person. They do not reject.

Patterns use RE2, which has no look-around or backreferences and runs in linear time. Source:
https://github.com/google/re2/wiki/WhyRE2.
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
from consult.consultations.service import check_owned
from consult.core.clock import now
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.scripts.confusables import fold_confusables, get_skeleton
from consult.core.text import drop_silent, drop_silent_with_offsets
from consult.moderation.recourse.model import HoldRule, HoldRuleKind
from consult.submissions.model import Comment, State, Submission

MOST = 50
LINES = 200
RECENT = 200
MEMORY = 1 << 20
"""Maximum memory of a compiled pattern in bytes. Larger patterns are refused."""
_LETTER = r"[\pL\pM\pN_]"


class HoldRuleRefused(Refusal):
    """The rule is not valid."""


@dataclass(frozen=True)
class ActiveHoldRule:
    """A rule in the form used for matching."""

    name: str
    kind: HoldRuleKind
    text: str


@dataclass(frozen=True, order=True)
class HoldRuleMatch:
    """Words matched by a rule: characters `[start, end)` of one text."""

    text: int  # its position
    start: int
    end: int
    rule: str
    words: str


@dataclass(frozen=True)
class HoldRuleTrial:
    """The result of a trial run on a typed text and on the newest submissions."""

    hits: Sequence[HoldRuleMatch]
    of: int  # so many of the newest submissions
    held: int
    shown: Sequence[tuple[str, str]]  # reference and words of those among them that everybody may read


def find_matches(rules: Sequence[ActiveHoldRule], texts: Sequence[str]) -> list[HoldRuleMatch]:
    """Find the matches of the rules, in order and in linear time.

    Invisible characters between letters are ignored. Look-alike letters are folded: always for words, and for patterns
    as an additional reading.

    >>> rule = ActiveHoldRule("x", HoldRuleKind.WORDS, "dealer*")
    >>> [hit.words for hit in find_matches([rule], ["Dealers say", "a redealer"])]
    ['Dealers']
    """
    matches: set[HoldRuleMatch] = set()
    located = [_read_as(*drop_silent_with_offsets(text)) for text in texts] if rules else []
    for rule in rules:
        pattern = compile_rule(rule.kind, rule.text)
        for number, (readings, at) in enumerate(located):
            for match in (match for read in readings[rule.kind] for match in pattern.finditer(read)):
                start, end = match.span(1) if rule.kind is HoldRuleKind.WORDS else match.span()
                if end > start:
                    start, end = at[start], at[end - 1] + 1
                    matches.add(HoldRuleMatch(number, start, end, rule.name, texts[number][start:end]))
    return sorted(matches)


def _read_as(text: str, at: Sequence[int]) -> tuple[dict[HoldRuleKind, set[str]], Sequence[int]]:
    """Return the readings of a text for each kind of rule. All have the same length, so offsets agree."""
    return {HoldRuleKind.WORDS: {get_skeleton(text)}, HoldRuleKind.PATTERN: {text, fold_confusables(text)}}, at


@lru_cache(maxsize=512)
def compile_rule(kind: HoldRuleKind, text: str) -> Any:
    """Compile a rule. Raises HoldRuleRefused if RE2 does not accept the pattern."""
    options = re2.Options()
    options.case_sensitive, options.log_errors, options.max_mem = False, False, MEMORY
    try:
        return re2.compile(_word_pattern(text) if kind is HoldRuleKind.WORDS else text, options)
    except re2.error as error:
        said = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
        raise HoldRuleRefused(_("We cannot use this pattern: %(why)s", why=said), field="text") from error


def clean_rule(kind: HoldRuleKind, text: str) -> str:
    """Return the stored form of a rule. Raises HoldRuleRefused if it is invalid or would hold every text."""
    kept = unicodedata.normalize("NFC", text).strip()
    if kind is HoldRuleKind.WORDS:
        words = list(dict.fromkeys(filter(None, (" ".join(line.split()) for line in kept.splitlines()))))
        if len(words) > LINES:
            raise HoldRuleRefused(_("Enter at most %(most)s words or phrases in one rule.", most=LINES), field="text")
        if any(not word.strip("* ") for word in words):
            raise HoldRuleRefused(
                _("A star (*) replaces the last part of a word. Enter the first part of the word, then the star."),
                field="text",
            )
        kept = "\n".join(words)
    if not kept:
        raise HoldRuleRefused(_("Enter what the rule looks for"), field="text")
    if compile_rule(kind, kept).search("") is not None:
        raise HoldRuleRefused(_("This pattern matches every text, even an empty one. Make it narrower."), field="text")
    return kept


def add(session: Session, *, number: int, by: Account, name: str, kind: HoldRuleKind, text: str) -> HoldRule:
    """Add a rule for future submissions.

    Raises HoldRuleRefused, or another refusal for somebody else's consultation.
    """
    consultation = check_owned(session, session.get(Consultation, number), by)
    kept = clean_rule(kind, text)
    in_use = list_rules(session, consultation.id)
    if len(in_use) >= MOST:
        raise HoldRuleRefused(_("A consultation can have at most %(most)s rules. Retire one first.", most=MOST))
    if any(rule.name == name for rule in in_use):
        raise HoldRuleRefused(_("Another rule has this name. Retire it, or choose another name."), field="name")
    row = HoldRule(
        consultation_id=consultation.id,
        name=name,
        kind=kind,
        text=kept,
        account_id=by.id,
        created_at=now(),
        retired_at=None,
    )
    session.add(row)
    session.flush()
    return row


def retire(session: Session, *, number: int, by: Account, rule_id: int, at: datetime | None = None) -> HoldRule:
    """Retire a rule. Submissions already held stay held. Safe to repeat. Raises NotFound."""
    consultation = check_owned(session, session.get(Consultation, number), by)
    row = session.get(HoldRule, rule_id)
    if row is None or row.consultation_id != consultation.id:
        raise NotFound(_("We cannot find this rule."))
    row.retired_at = row.retired_at or at or now()
    session.flush()
    return row


def list_rules(session: Session, consultation_id: int) -> Sequence[HoldRule]:
    """Return the active rules of a consultation, by name."""
    return session.scalars(
        select(HoldRule)
        .where(HoldRule.consultation_id == consultation_id, HoldRule.retired_at.is_(None))
        .order_by(HoldRule.name)
    ).all()


def get_active_rules(session: Session, consultation_ids: Collection[int]) -> dict[int, list[ActiveHoldRule]]:
    """Return the active rules of each consultation. One statement."""
    rules: dict[int, list[ActiveHoldRule]] = {}
    rows = session.execute(
        select(HoldRule.consultation_id, HoldRule.name, HoldRule.kind, HoldRule.text)
        .where(HoldRule.consultation_id.in_(consultation_ids), HoldRule.retired_at.is_(None))
        .order_by(HoldRule.name)
    )
    for row in rows:
        rules.setdefault(row.consultation_id, []).append(ActiveHoldRule(row.name, HoldRuleKind(row.kind), row.text))
    return rules


def get_owned_rules(session: Session, *, number: int, by: Account) -> tuple[Consultation, Sequence[HoldRule]]:
    """Return the account's own consultation with its rules. Raises NotFound."""
    consultation = check_owned(session, session.get(Consultation, number), by)
    return consultation, list_rules(session, consultation.id)


def try_out(session: Session, *, number: int, by: Account, kind: HoldRuleKind, text: str, typed: str) -> HoldRuleTrial:
    """Try a rule on a text and on the newest submissions. Only public words are returned to the owner."""
    consultation = check_owned(session, session.get(Consultation, number), by)
    rule = ActiveHoldRule("", kind, clean_rule(kind, text))
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
    held = [row for row in rows if find_matches([rule], row[2])]
    shown = [
        (row[0], hits[0].words) for row in held if row[1] == State.PUBLISHED and (hits := find_matches([rule], row[3]))
    ]
    return HoldRuleTrial(find_matches([rule], [typed]) if typed else (), len(rows), len(held), shown[:20])


def _word_pattern(text: str) -> str:
    """Return a pattern for whole words and phrases, one on each line. A final star matches any ending."""
    text = get_skeleton(drop_silent(text))
    words = [
        r"[\s\pP]+".join(
            re2.escape(part.rstrip("*")) + (_LETTER + "*" if part.endswith("*") else "") for part in line.split()
        )
        for line in text.splitlines()
    ]
    return rf"(?:^|[^\pL\pM\pN_])({'|'.join(words)})(?:$|[^\pL\pM\pN_])"
