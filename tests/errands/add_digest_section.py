"""Add a section of lines to the digest: shown alike on its page, in its e-mail and in its report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.web.access import Role
from consult.digests import service
from consult.digests.model import Cadence
from tests import factories, filing
from tests.errands.errand import Errand

_FIELD = "    calls: tuple[CallRow, ...] = ()\n"
_MADE = "        calls=tuple(material.calls),\n"
_SHOWN = '        _of_lines(_("Organisations that asked people to comment"), campaign_phrases.calls(body)),\n'
_LINE = '[LinkedSentence(f"The draft has {body.provisions} provisions.")]'
ERRAND = Errand(
    {
        "consult/digests/content/body.py": [(_FIELD, _FIELD + "    provisions: int = 0\n")],
        "consult/digests/content/compilation.py": [(_MADE, _MADE + "        provisions=len(material.places),\n")],
        "consult/digests/render/brief.py": [(_SHOWN, _SHOWN + f'        _of_lines("The draft", {_LINE}),\n')],
    }
)


def confirm_the_page_of_the_digest_shows_the_line(session: Session, sign_in: Callable[[Any], FlaskClient]) -> None:
    row = factories.consultation(session)
    filing.file(session, row, "Words")
    filing.numbered(session)
    digest = service.compile_digest(session, consultation_id=row.id, cadence=Cadence.WEEKLY, slot_at=now())
    assert digest
    reader = sign_in(factories.account(session, Role.POLICYMAKER))
    assert "provisions." in reader.get(f"/desk/digests/{digest.id}").text
