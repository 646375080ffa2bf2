"""A form with a table that is previewed first: between the preview and the second button it is sealed in the page."""

from __future__ import annotations

import base64
import gzip
import zlib
from typing import Any

from consult.core.errors import Refusal
from consult.core.i18n import N_, _
from consult.core.web.forms import FileField, Form, HiddenField
from consult.core.web.tokens import seal_field, unseal_field

MAX_TABLE = 4_000_000
"""Maximum size of a table in bytes."""


class TableForm(Form):
    file = FileField(N_("Table (CSV)"))
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


def seal_table(name: str, data: bytes, purpose: str) -> str:
    """Return a table for the hidden field of a form, compressed and encrypted."""
    return seal_field(f"{name}\n{base64.b64encode(gzip.compress(data)).decode()}", purpose=purpose)
