"""What is filed, as plain values: its shape, its one canonical form, and references people can read aloud."""

from __future__ import annotations

import json
import re
import secrets
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from consult.core.text import fingerprint
from consult.submissions.anchors import Anchor
from consult.submissions.model import NAMED, NameRule, Stance, SubmitterKind

WORDS = 4000
"""The most characters in one comment or answer."""
COMMENTS = 200
"""The most comments and answers in one submission."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
_PAIRS = [one + other for one in _CROCKFORD for other in _CROCKFORD]


@dataclass(frozen=True)
class NewComment:
    """Words on one provision; on the draft as a whole where `provision_id` is None."""

    provision_id: int | None
    stance: Stance | None
    body: str
    language: str | None = None  # the submitter's language where None
    anchor: Anchor | None = None  # the words of the provision that it is about
    was: int | None = None  # the provision of an earlier version that it was written on
    chose: Anchor | None = None  # the words of that which its author chose


@dataclass(frozen=True)
class Answer:
    """To a question: its words, one line for each key that was chosen. See consultations/answering.py."""

    question_id: int
    body: str
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Submitter:
    """Who files, and how they wish to be named. A name that must not be published is not carried at all.

    `organisation_id` is a claim that the service checks against the account's memberships; with
    `organisation_name` alone the submitter only says that it speaks for that organisation, and is shown so.
    """

    name_rule: NameRule = NameRule.NONE
    account_id: int | None = None
    organisation_id: int | None = None
    organisation_name: str | None = None
    person_name: str | None = None
    country: str | None = None
    email: str | None = None
    language: str = "en"  # of the comments
    reads: str = "en"  # the language of letters to them

    @property
    def kind(self) -> SubmitterKind:
        if self.name_rule is NameRule.ORGANISATION:
            return SubmitterKind.ORGANISATION
        return SubmitterKind.PERSON if self.name_rule in NAMED else SubmitterKind.UNNAMED


def references(code: str, count: int) -> set[str]:
    """At most so many new references such as `DP27-7K4M-Q9`. Source: Crockford's base 32, without I, L, O and U."""
    numbers = array("I", secrets.token_bytes(4 * count))  # five bits a letter, two are left
    return {f"{code}-{_PAIRS[n >> 20 & 1023]}{_PAIRS[n >> 10 & 1023]}-{_PAIRS[n & 1023]}" for n in numbers}


def reference(code: str) -> str:
    """One new reference."""
    return references(code, 1).pop()


def spellings(typed: str) -> set[str]:
    """The references that somebody may have meant: as typed, and with the letters people confuse put right.

    >>> sorted(spellings(" dp27 7k4m-q9 ")), "DP27-7K1M-Q0" in spellings("DP27-7KIM-QO")
    (['DP27 7K4M-Q9', 'DP27-7K4M-Q9'], True)
    """
    upper = typed.strip().upper()[:60]
    bare = "".join(upper.replace("-", " ").split())
    code, letters = bare[:-6], bare[-6:].translate(str.maketrans("ILO", "110"))
    return {upper, f"{code}-{letters[:4]}-{letters[4:]}"}


_PERSONAL = {
    "email": re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"),
    "phone": re.compile(r"(?<![\w.,/-])(?:\+|00)?\d(?:[ ()./-]{0,2}\d){7,14}(?![\w,/-])"),
}


def personal_details(text: str) -> set[str]:
    """What in a text looks like a way to reach somebody: "email", "phone". A hint to the author, never a refusal.

    >>> sorted(personal_details("Ask ana@example.org or +51 1 234 5678.")), personal_details("From 2027 to 2030")
    (['email', 'phone'], set())
    """
    return {kind for kind, pattern in _PERSONAL.items() if pattern.search(text)}


def text_hash(bodies: Iterable[str]) -> bytes:
    """One hash for all the words of a submission: equal for submissions that say the same in the same order."""
    return fingerprint("\n".join(bodies))


def canonical(
    *,
    reference: str,
    language: str,
    name_rule: NameRule,
    name: str | None,
    country: str | None,
    comments: Sequence[dict[str, Any]],
    evidence: Sequence[dict[str, Any]] = (),
) -> bytes:
    """The bytes that the ledger commits to: JSON with sorted keys, no spaces, UTF-8. Source: RFC 8785 in spirit.

    Each comment is `{"on": wid or "q" + question id or None, "stance", "language", "body"}` in the order filed,
    with `"anchor": {"start", "end", "exact", …}` where it is about some words of the provision only; of an
    answer that was chosen also `"chosen"`, its keys.
    Evidence is there where there is any: what was said of each, and the SHA-256 of a file as it was sent.
    Contact details are not in it: they may be erased without the promise being broken.

    >>> canonical(reference="X-1", language="en", name_rule=NameRule.NONE, name=None, country=None, comments=[])
    b'{"comments":[],"country":null,"language":"en","name":null,"name_rule":"none","reference":"X-1","v":1}'
    """
    record = {
        "v": 1, "reference": reference, "language": language, "name_rule": str(name_rule), "name": name,
        "country": country, "comments": list(comments), **({"evidence": list(evidence)} if evidence else {}),
    }  # fmt: skip
    return _CANONICAL.encode(record).encode()
