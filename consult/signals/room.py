"""Declaration of the public tables of early warning.

The ledger has a commitment to a report from the time it is filed, or from its release if it was held.
"""

from __future__ import annotations

from consult.ledger.statements import PublicTable
from consult.signals.model import Signal, SignalAct, SignalLink, SignalReport, SignalWarning
from consult.signals.offices.model import SignalOffice
from consult.signals.substances.model import SubstanceAlias, SubstanceEdit, SubstanceRecord

SIGNAL = PublicTable(
    Signal,
    public="id slug title substance_id country region place place_shown level level_at state confidence opened_at "
    "merged_into_id consultation_id closed_at",
    people="assessed_by_id",
    private="taken_by_id taken_at due_at reminded_at revision",
)
SIGNAL_ACT = PublicTable(SignalAct, public="id signal_id deed at before after reason", people="account_id")
SIGNAL_WARNING = PublicTable(
    SignalWarning,
    public="id signal_id edition kind texts language written_at published_at review_due_at reviewed_at until office_id",
    people="author_id second_id",
    shown=SignalWarning.published_at.is_not(None),
)
SIGNAL_LINK = PublicTable(
    SignalLink,
    public="report_id standing signal_id at assessed_at reason",
    people="linked_by_id",
    private="due_at taken_by_id held_until urgency fold incident",
    shown=SignalLink.held_until.is_(None),
)
SIGNAL_REPORT = PublicTable(
    SignalReport,
    derived="id reference received_at channel source_kind organisation_id country region place happened_on product "
    "form look substance_said substance_id strength route deaths overdoses hospital unusual naloxone basis laboratory "
    "body language salt commitment erased_at",
    private="cleared_body idempotency_key content_mark return_key arrival",
    check="signals",
)
SUBSTANCE_RECORD = PublicTable(
    SubstanceRecord,
    public="term_id cas inchikey unii un_code incb_code eu_code names controls strips source edited_at",
    people="edited_by_id",
    private="revision",
)
SUBSTANCE_EDIT = PublicTable(SubstanceEdit, public="id term_id at before after reason", people="account_id")
SUBSTANCE_ALIAS = PublicTable(SubstanceAlias, public="folded words term_id at", people="account_id")
SIGNAL_OFFICE = PublicTable(SignalOffice, public="id body_id country kind since closed_at")
