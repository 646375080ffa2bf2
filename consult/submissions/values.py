"""Submissions to be filed as plain values, their canonical form, and references that can be read aloud."""

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
from consult.submissions.anchors.paper_place import PaperPlace
from consult.submissions.anchors.selectors import Anchor
from consult.submissions.fields import DraftSubmitter
from consult.submissions.model import Stance

MAX_COMMENT_LENGTH = 5000
"""Maximum length of a comment or answer in characters."""
MAX_COMMENTS = 200
"""Maximum number of comments and answers in a submission."""

REDACTION_BLOCK = "█████"
"""Placeholder for hidden words. Its fixed length reveals nothing about them."""
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
_PAIRS = [one + other for one in _CROCKFORD for other in _CROCKFORD]


@dataclass(frozen=True)
class NewComment:
    """A comment on a provision, or on the whole draft if `provision_id` is None."""

    provision_id: int | None
    stance: Stance | None
    body: str
    language: str | None = None  # None means the author's language
    anchor: Anchor | None = None  # the commented words of the provision
    was: int | None = None  # the provision of an earlier version that it was written on
    chose: Anchor | None = None  # the words of that provision selected by the author
    paper: bool = False  # a part of the text of a position paper
    amendment: int | None = None  # length of the suggested text at its beginning
    agrees_with: int | None = None  # the comment whose suggested wording it supports
    paper_place: PaperPlace | None = None  # the block of its position paper that it was taken from


@dataclass(frozen=True)
class NewAnswer:
    """An answer to a question: its text, with a line for each chosen key. See consultations/questions/answers.py."""

    question_id: int
    body: str
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Submitter(DraftSubmitter):
    """The author of a submission with the chosen name. A name that is not to be published is left out.

    `organisation_id` is checked against the account's memberships. With `organisation_name` alone, the author only
    claims to speak for that organisation, and the site says so.
    """

    account_id: int | None = None
    reads: str = DEFAULT_LANGUAGE  # language of e-mails to them
    sent_through: str = ""  # name of the organisation whose program sent it for them


def to_submitter(about: DraftSubmitter, *, account_id: int | None = None, reads: str = DEFAULT_LANGUAGE) -> Submitter:
    """Return the author of a filing from the details in a draft."""
    return Submitter(**vars(about), account_id=account_id, reads=reads)


def draw_references(code: str, count: int) -> set[str]:
    """Draw at most `count` new references such as `DP27-7K4M-Q9`.

    Source: Crockford's base 32, without I, L, O and U.
    """
    numbers = array("I", secrets.token_bytes(4 * count))  # five bits a letter, two bits are unused
    return {f"{code}-{_PAIRS[n >> 20 & 1023]}{_PAIRS[n >> 10 & 1023]}-{_PAIRS[n & 1023]}" for n in numbers}


def reference(code: str) -> str:
    """Draw one new reference."""
    return draw_references(code, 1).pop()


def reference_spellings(typed: str) -> set[str]:
    """Return possible references for a typed one: as typed, and with confusable letters corrected.

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
    """Return the kinds of contact details found in a text: "email", "phone". They are a hint for the author.

    >>> sorted(personal_details("Ask ana@example.org or +51 1 234 5678.")), personal_details("From 2027 to 2030")
    (['email', 'phone'], set())
    """
    return {kind for kind, pattern in _PERSONAL.items() if pattern.search(text)}


def text_hash(bodies: Iterable[str]) -> bytes:
    """Return a hash of the text of a submission, equal for the same text in the same order."""
    return fingerprint("\n".join(bodies))


def canonical_json(record: Mapping[str, Any]) -> bytes:
    """Return JSON with sorted keys and no spaces, in UTF-8. Similar to RFC 8785."""
    return _CANONICAL.encode(record).encode()


def canonical_bytes(**said: Any) -> bytes:
    """Return the bytes of a submission that the ledger commits to: see `canonical_record`."""
    return canonical_json(canonical_record(**said))


def canonical_record(
    *,
    reference: str,
    name: str | None,
    comments: Sequence[dict[str, Any]],
    evidence: Sequence[dict[str, Any]] = (),
    **fields: str | None,
) -> dict[str, Any]:
    """Return the record of a submission that the ledger commits to.

    `fields` are those of `fields.committed_values`. Missing ones are left out, except for the country, which is null.
    Each comment is `{"on": wid or "q" + question id or None, "stance", "language", "body"}`, in the order filed. A
    comment on some words of a provision has `"anchor": {"start", "end", "exact", …}`. A choice answer has `"chosen"`
    with its keys. A comment from a position paper has `"paper"` with the block it was taken from. Evidence is included
    if there is any: the description of each, and the SHA-256 of the original file. Contact details are left out, so
    that they can be erased without breaking the commitment.

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
