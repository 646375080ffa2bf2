"""The findings of an audit in plain words: problem, reference and action to take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_RESTORE = "Compare it with an earlier backup. The ledger cannot restore the text."
_LEDGER = "Consult never changes or deletes entries. Compare the public record with a backup and check who had access."

SENTENCES: Mapping[str, str] = {
    # Submissions.
    "contents": (
        "{about}: the text, its position, the name, the evidence or the salt does not match entry {entry} of the "
        "ledger. " + _RESTORE
    ),
    "earlier": "{about}: an earlier version does not match entry {entry} of the public record. " + _RESTORE,
    "earlier_missing": "{about}: {kept} earlier versions are stored, but the public record has {sent}. " + _RESTORE,
    "no_entry": "{about}: stored, but the public record has no entry for its receipt. " + _LEDGER,
    "no_row": "{about}: missing, but in the public record ({entries} entries, the first is {entry}). " + _RESTORE,
    "consultation": "{about}: stored in a different consultation than in the public record. " + _RESTORE,
    "state": "{about}: stored as {state}, but {ledger} in the public record. Check its history there and restore it.",
    "not_erased": "{about}: erased according to the public record, but still stored: {left}. Erase it again.",
    "salt": "{about}: not erased, but its salt is missing, so its text cannot be verified. " + _RESTORE,
    "kind": "{about}: counted as {kind}, but its name says {named}. " + _RESTORE,
    "received_at": "{about}: the stored time of receipt is {stored}, but the public record says {ledger}. " + _RESTORE,
    "shown": "{about}: {wrong} of its comments are {how}, but its status is {state}. Decide on it again.",
    "redaction": (
        "{about}: the hidden words of its public text do not match entry {entry} of the public record. "
        "Decide on it again."
    ),
    "place": "{about}: nobody put a comment where it is now: no author, rule or moderator. " + _RESTORE,
    "mandate": "{about}: its mandate file does not match entry {entry} of the public record. " + _RESTORE,
    # Answers, drafts, digests.
    "answer": "{about}: the answer does not match entry {entry} of the public record. " + _RESTORE,
    "answer_count": "{about}: {stored} versions of the answer stored, but {ledger} in the public record. " + _RESTORE,
    "promise": "{about}: the assignment or the due date does not match entry {entry} of the public record. " + _RESTORE,
    "record": "{about}: stored as {said}, but its answers add up to {counted}. It was recounted. Check who changed it.",
    "draft": "{about}: the text does not match entry {entry} of the public record. " + _RESTORE,
    "draft_no_entry": "{about}: published, but not in the public record. " + _LEDGER,
    "draft_no_row": "{about}: missing, but in the public record (entry {entry}). " + _RESTORE,
    "digest": "{about}: does not match entry {entry} of the public record. " + _RESTORE,
    "digest_no_entry": "{about}: stored, but not in the public record. " + _LEDGER,
    "digest_no_row": "{about}: missing, but in the public record (entry {entry}). " + _RESTORE,
    # Submission count.
    "books": (
        "{about}: number of {state} submissions is {ledger} in the public record, {rows} in the rows and {counter} in "
        "the running count. Find the different rows above. The running count is made from them."
    ),
    "comment_counts": (
        "{about}: {n} running counts of comments differ from the comments, first on provision {provision}: {counter} "
        "counted, {rows} stored. Restore the counts from the rows."
    ),
    # Early warning.
    "signal_no_row": "{about}: missing, but in the public record (entry {entry}). " + _RESTORE,
    "signal_no_entry": "{about}: stored, but the public record has no entry for its receipt. " + _LEDGER,
    "signal_books": "{about}: this drug report is counted nowhere, so the report count does not add up. " + _RESTORE,
    "signal_not_erased": "{about}: its two rows disagree on whether this report was erased. Erase it again.",
    "signal_contents": "{about}: the report does not match entry {entry} of the public record. " + _RESTORE,
    # Progress reports, case studies, warnings, words next to answers.
    "statement": "{about}: does not match entry {entry} of the public record. " + _RESTORE,
    "statement_no_row": "{about}: missing, but in the public record (entry {entry}). " + _RESTORE,
    "statement_no_entry": "{about}: stored, but not in the public record. " + _LEDGER,
    "report_files": "{about}: its files are not the ones sent with it. " + _RESTORE,
    "study_shown": "{about}: its page does not show its latest edition. " + _RESTORE,
    # Public rows.
    "seal": "{about}: its public columns do not match the seal in entry {entry} of the public record. " + _RESTORE,
    "seal_no_row": "{about}: sealed by entry {entry} of the public record, but missing or not public now. " + _RESTORE,
    "seal_no_entry": "{about}: its stored seal differs from the one in entry {entry} of the public record. " + _LEDGER,
    "row_no_seal": "{about}: public, but nothing in the public record seals it. Ask who added it. " + _RESTORE,
    "entry_seals": (
        "Entry {entry} of the public record begins or ends {n} seals that are stored differently or missing. A public "
        "row was "
        "changed back to an earlier state, or removed together with its seal. " + _RESTORE
    ),
    # Any check.
    "unreadable": (
        "{about}: cannot be read ({error}), so it was not compared. Consult does not write one of its values. "
        + _RESTORE
    ),
    "check_stopped": (
        "The check “{about}” stopped after number {place} ({error}). Nothing after it was compared. Fix the other "
        "findings, and look there for a value that Consult does not write."
    ),
    # Ledger.
    "gap": "Missing from the public record: {numbers}. " + _LEDGER,
    "chain": (
        "The chain of hashes does not match entries {first} to {last} of the public record. One of them was changed or "
        "inserted. " + _LEDGER
    ),
    "tail": (
        "The ledger ends with entry {end}, but {about} refers to entry {known}. The last {n} entries are missing. "
        + _LEDGER
    ),
    "remembered": (
        "The hash of the first {n} entries is {found}, not {given}. This is not the same public record. " + _LEDGER
    ),
}


@dataclass(frozen=True)
class Finding:
    """A finding. `place` is its position in the order of the check."""

    code: str
    about: str
    place: int = 0
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """Return the sentence shown to operators.

        >>> Finding("gap", "ledger", detail={"numbers": "entries 4 to 6"}).sentence[:48]
        'Missing from the public record: entries 4 to 6. '
        """
        return SENTENCES[self.code].format(about=self.about, **self.detail)
