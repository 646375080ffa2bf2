"""Public tables of this package: arguments named by people. Proposals by software may change at any time."""

from __future__ import annotations

from consult.arguments.model import Argument, ArgumentAct
from consult.ledger.statements import PublicTable

ARGUMENT = PublicTable(
    Argument,
    public="id consultation_id place stance name kept merged_into_id voices statements letter senders submissions",
    private="phrases centre revision made_at letter_key",
    shown=Argument.name.is_not(None),
)
ARGUMENT_ACT = PublicTable(
    ArgumentAct, public="id argument_id other_id deed at claims before after undoes_id", people="account_id"
)
