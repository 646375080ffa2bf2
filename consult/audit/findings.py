"""What an audit can find, in plain words: what, about which reference, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_RESTORE = "Compare it with a backup from before; the words cannot be made again from the ledger."
_LEDGER = "Entries are never changed or deleted by Consult: compare the ledger with a backup, and ask who had access."

SENTENCES: Mapping[str, str] = {
    # submissions
    "contents": (
        "{about}: its words, their places, its name, its evidence or its salt are not those that entry {entry} of the "
        f"ledger commits to. {_RESTORE}"
    ),
    "earlier": f"{{about}}: an earlier version is not what entry {{entry}} of the ledger commits to. {_RESTORE}",
    "earlier_missing": "{about}: {kept} earlier versions are kept, and the ledger says {sent}. " + _RESTORE,
    "no_entry": "{about}: it is stored, and the ledger has no entry that it was received. " + _LEDGER,
    "no_row": "{about}: the ledger has it ({entries} entries, the first is {entry}), and it is gone. " + _RESTORE,
    "consultation": "{about}: it is in another consultation than the ledger says. " + _RESTORE,
    "state": "{about}: it is {state}, and the ledger says {ledger}. Look at its history in the ledger, and restore it.",
    "not_erased": "{about}: the ledger says that it was erased, and {left} is still there. Erase it again.",
    "salt": "{about}: it was not erased, and its salt is gone, so nothing proves its words. " + _RESTORE,
    "kind": "{about}: it counts as {kind}, and by how it is named it is {named}. " + _RESTORE,
    "received_at": "{about}: it says {stored} for when it was received, and the ledger says {ledger}. " + _RESTORE,
    "shown": "{about}: {wrong} of its comments are {how} though it is {state}. Decide on it again.",
    "redaction": (
        "{about}: what is hidden in its public words is not what entry {entry} of the ledger says. Decide on it again."
    ),
    "place": f"{{about}}: a comment stands where neither its author, nor a rule, nor a person put it. {_RESTORE}",
    "mandate": f"{{about}}: its mandate file is not the one that entry {{entry}} of the ledger commits to. {_RESTORE}",
    # answers, drafts, digests
    "answer": "{about}: the answer is not the one that entry {entry} of the ledger commits to. " + _RESTORE,
    "answer_count": "{about}: {stored} versions of the answer are stored, and the ledger has {ledger}. " + _RESTORE,
    "promise": "{about}: whose it is, or on which day it was owed, is not what entry {entry} says. " + _RESTORE,
    "record": "{about}: it said {said}, and its answers come to {counted}. It is counted again; ask who changed it.",
    "draft": "{about}: its text is not the one that entry {entry} of the ledger commits to. " + _RESTORE,
    "draft_no_entry": "{about}: it is published, and the ledger has no entry of that. " + _LEDGER,
    "draft_no_row": "{about}: the ledger has it (entry {entry}), and it is gone. " + _RESTORE,
    "digest": "{about}: it is not the one that entry {entry} of the ledger commits to. " + _RESTORE,
    "digest_no_entry": "{about}: it is stored, and the ledger has no entry of it. " + _LEDGER,
    "digest_no_row": "{about}: the ledger has it (entry {entry}), and it is gone. " + _RESTORE,
    # books
    "books": (
        "{about}: {state} submissions are {ledger} by the ledger, {rows} by the rows and {counter} by the running "
        "count. Find the rows that differ above; the running count is made from them."
    ),
    "comment_counts": (
        "{about}: {n} running counts of comments differ from the comments, first on provision {provision}: {counter} "
        "counted, {rows} stored. Restore the counts from the rows."
    ),
    # early warning
    "signal_no_row": "{about}: the ledger has it (entry {entry}), and it is gone. " + _RESTORE,
    "signal_no_entry": "{about}: it is stored, and the ledger has no entry that it was received. " + _LEDGER,
    "signal_books": "{about}: this report of early warning stands nowhere, so its books do not add up. " + _RESTORE,
    "signal_not_erased": "{about}: whether this report was erased is not said alike in its two rows. Erase it again.",
    "signal_contents": "{about}: the report is not the one that entry {entry} of the ledger commits to. " + _RESTORE,
    # reports on actions, case studies, warnings, words beside answers
    "statement": "{about}: it is not the one that entry {entry} of the ledger commits to. " + _RESTORE,
    "statement_no_row": "{about}: the ledger has it (entry {entry}), and it is gone. " + _RESTORE,
    "statement_no_entry": "{about}: it is stored, and the ledger has no entry of it. " + _LEDGER,
    "report_files": "{about}: its files are not those that it was given with. " + _RESTORE,
    "study_shown": "{about}: its page does not show what its last edition says. " + _RESTORE,
    # the ledger
    "gap": "Missing from the ledger: {numbers}. " + _LEDGER,
    "chain": (
        "The chain of hashes was made of something else than what the ledger now has from entry {first} to {last}: one "
        "of them was changed or put there. " + _LEDGER
    ),
    "tail": (
        "The ledger ends with entry {end}, and {about} knows of entry {known}: the last {n} entries are missing. "
        + _LEDGER
    ),
    "remembered": (
        "The hash of the first {n} entries is {found}, and not {given}: the ledger is another one than it was then. "
        + _LEDGER
    ),
}


@dataclass(frozen=True)
class Finding:
    """`place` is where it was found in the order of the check."""

    code: str
    about: str
    place: int = 0
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The sentence for a person who operates this.

        >>> Finding("gap", "ledger", detail={"numbers": "entries 4 to 6"}).sentence[:41]
        'Missing from the ledger: entries 4 to 6. '
        """
        return SENTENCES[self.code].format(about=self.about, **self.detail)
