"""Filed submissions as plain values, their canonical form, and references that can be read aloud."""

from __future__ import annotations

import json
import re
import secrets
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.text import fingerprint
from consult.submissions.anchors.selectors import Anchor
from consult.submissions.fields import DraftSubmitter
from consult.submissions.model import Stance

MAX_COMMENT_LENGTH = 5000
"""The most characters in one comment or answer."""
MAX_COMMENTS = 200
"""The most comments and answers in one submission."""

REDACTION_BLOCK = "█████"
"""What stands for covered words: always as long, so that it tells nothing of them."""
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
    paper: bool = False  # a part of the text of a paper
    amendment: int | None = None  # so many of its characters are the provision's text as it should be
    agrees_with: int | None = None  # the comment with somebody else's amendment that it wants too


@dataclass(frozen=True)
class NewAnswer:
    """To a question: its words, one line for each key that was chosen. See consultations/questions/answers.py."""

    question_id: int
    body: str
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Submitter(DraftSubmitter):
    """Who files, and how they wish to be named. A name that must not be published is not carried at all.

    `organisation_id` is a claim that the service checks against the account's memberships; with
    `organisation_name` alone the submitter only says that it speaks for that organisation, and is shown so.
    """

    account_id: int | None = None
    reads: str = DEFAULT_LANGUAGE  # the language of letters to them


def to_submitter(about: DraftSubmitter, *, account_id: int | None = None, reads: str = DEFAULT_LANGUAGE) -> Submitter:
    """Who files, from what was said of them in a draft."""
    return Submitter(**vars(about), account_id=account_id, reads=reads)


def draw_references(code: str, count: int) -> set[str]:
    """At most so many new references such as `DP27-7K4M-Q9`. Source: Crockford's base 32, without I, L, O and U."""
    numbers = array("I", secrets.token_bytes(4 * count))  # five bits a letter, two are left
    return {f"{code}-{_PAIRS[n >> 20 & 1023]}{_PAIRS[n >> 10 & 1023]}-{_PAIRS[n & 1023]}" for n in numbers}


def reference(code: str) -> str:
    """One new reference."""
    return draw_references(code, 1).pop()


def reference_spellings(typed: str) -> set[str]:
    """The references that somebody may have meant: as typed, and with the letters people confuse put right.

    >>> sorted(reference_spellings(" dp27 7k4m-q9 ")), "DP27-7K1M-Q0" in reference_spellings("DP27-7KIM-QO")
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


def canonical_json(record: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8. Source: RFC 8785 in spirit."""
    return _CANONICAL.encode(record).encode()


def canonical_bytes(**said: Any) -> bytes:
    """The bytes that the ledger commits to of a submission: see `canonical_record`."""
    return canonical_json(canonical_record(**said))


def canonical_record(
    *,
    reference: str,
    name: str | None,
    comments: Sequence[dict[str, Any]],
    evidence: Sequence[dict[str, Any]] = (),
    **fields: str | None,
) -> dict[str, Any]:
    """What the ledger commits to of a submission.

    `fields` are those of `fields.committed_values`: of those that were not said only the country is there, as null.
    Each comment is `{"on": wid or "q" + question id or None, "stance", "language", "body"}` in the order filed,
    with `"anchor": {"start", "end", "exact", …}` where it is about some words of the provision only; of an
    answer that was chosen also `"chosen"`, its keys.
    Evidence is there where there is any: what was said of each, and the SHA-256 of a file as it was sent.
    Contact details are not in it: they may be erased without the promise being broken.

    >>> canonical_bytes(reference="X-1", language="en", name_rule="none", name=None, country=None, comments=[])
    b'{"comments":[],"country":null,"language":"en","name":null,"name_rule":"none","reference":"X-1","v":1}'
    """
    return {
        "v": 1,
        "reference": reference,
        "name": name,
        "country": None,
        **{field: str(value) for field, value in fields.items() if value is not None},
        "comments": list(comments),
        **({"evidence": list(evidence)} if evidence else {}),
    }
