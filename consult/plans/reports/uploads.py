"""Files uploaded with the form of a report that is not filed yet. The form carries them as sealed tokens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import excerpt
from consult.core.web.tokens import seal_field, unseal_field
from consult.files import service as files
from consult.plans.model import PlanAction
from consult.submissions.evidence.views import file_kind, file_size

_PURPOSE = "report file"


@dataclass(frozen=True)
class KeptFile:
    """A stored file with its original name, which only the form knows. `token` holds all of it, sealed."""

    file_id: int
    name: str
    kind: str
    size: int
    token: str

    @property
    def label(self) -> str:
        return f"{self.name} ({file_kind(self.kind)}{_(', ')}{file_size(self.size)})"


def receive(session: Session, action: PlanAction, *, data: bytes, name: str, by: Account) -> KeptFile:
    """Store an uploaded file without its name. Raises FileRefused, StoreAway."""
    row, shown = files.receive(session, data=data, name=name, nameless=True), excerpt(name, 60)
    fields = {"file_id": row.id, "name": shown, "kind": row.kind, "size": row.size}
    token = seal_field(json.dumps({"report_file": fields, **_whose(action, by)}), purpose=_PURPOSE)
    return KeptFile(row.id, shown, row.kind, row.size, token)


def read_kept(tokens: Sequence[str], action: PlanAction, *, by: Account) -> list[KeptFile]:
    """Return the files of a resubmitted form that this person uploaded for this action."""
    return [upload for token in tokens if (upload := _read(token, _whose(action, by))) is not None]


def _read(token: str, whose: dict[str, int]) -> KeptFile | None:
    try:
        sealed = json.loads(unseal_field(token, purpose=_PURPOSE))
    except (Refusal, ValueError):
        return None
    if not isinstance(sealed, dict) or "report_file" not in sealed or not whose.items() <= sealed.items():
        return None
    return KeptFile(**sealed["report_file"], token=token)


def _whose(action: PlanAction, by: Account) -> dict[str, int]:
    return {"action": action.id, "account": by.id}
