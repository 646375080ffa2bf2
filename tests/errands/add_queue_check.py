"""Add a check of the review queue that points at bank accounts (IBAN), with its label."""

from __future__ import annotations

from consult import ROOT
from consult.moderation.checks.text_checks import check_texts
from tests.errands.errand import Errand

_LINK = '_LINK = re.compile(r"\\bhttps?://\\S+", re.IGNORECASE)\n'
_PATTERNS = 'patterns = {"email": (_EMAIL,), '
_LABEL = '{% elif code == "link" %}'
ERRAND = Errand(
    {
        "consult/moderation/checks/text_checks.py": [
            (_LINK, _LINK + '_IBAN = re.compile(r"\\b[A-Z]{2}\\d{2}[A-Z\\d]{11,30}\\b")\n'),
            (_PATTERNS, _PATTERNS + '"iban": (_IBAN,), '),
        ],
        "templates/moderation/parts.html": [(_LABEL, '{% elif code == "iban" %}{{ _("Bank account") }}' + _LABEL)],
    }
)


def confirm_the_queue_points_at_it() -> None:
    assert check_texts(["Pay it to DE02120300000000202051 today."]).codes == ["iban"]
    assert "Bank account" in (ROOT / "templates" / "moderation" / "parts.html").read_text()
