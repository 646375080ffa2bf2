"""Forms of samples: a table, and the retraction of a batch."""

from __future__ import annotations

import base64
import gzip
import zlib
from typing import Any

from consult.core.errors import Refusal
from consult.core.i18n import N_, _
from consult.core.web.forms import BooleanField, FileField, Form, HiddenField, LineField, LongTextField, required
from consult.core.web.tokens import seal_field, unseal_field

MAX_TABLE = 4_000_000
"""Maximum size of a table in bytes. It is sealed in the page between looking and keeping."""


class SampleTableForm(Form):
    file = FileField(N_("Table of results (CSV)"))
    region = LineField(
        N_("Region of rows without one"),
        [required(N_("Enter the code of a region, such as CA-BC"))],
        most=6,
        description=N_("The ISO 3166-2 code, such as CA-BC."),
    )
    public = BooleanField(N_("We publish these results ourselves"))
    table = HiddenField()

    def read_table(self, purpose: str) -> tuple[str, bytes]:
        """Return the name and the bytes of the file, or of the one that was previewed. Raises a Refusal."""
        sent: Any = self.file.data
        if sent and sent.filename:
            data = sent.read(MAX_TABLE + 1)
            if len(data) > MAX_TABLE:
                raise Refusal(
                    _("The file is too large. The limit is %(n)s MB.", n=MAX_TABLE // 1_000_000), field="file"
                )
            return sent.filename, data
        if not self.table.data:
            raise Refusal(_("Choose a file."), field="file")
        name, _line, packed = unseal_field(self.table.data, purpose=purpose).partition("\n")
        return name, zlib.decompress(base64.b64decode(packed), wbits=31, bufsize=MAX_TABLE)


class RetractionForm(Form):
    reason = LongTextField(N_("Why are these results wrong?"), [required(N_("Give a reason"))], most=1_000)


def seal_table(name: str, data: bytes, purpose: str) -> str:
    """Return a table for the hidden field of a form, compressed and encrypted."""
    return seal_field(f"{name}\n{base64.b64encode(gzip.compress(data)).decode()}", purpose=purpose)
