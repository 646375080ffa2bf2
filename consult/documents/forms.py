"""The form of a draft's text: pasted, or from a file."""

from __future__ import annotations

from typing import Any

from consult.core import widgets
from consult.core.errors import Refusal
from consult.core.forms import FileField, Form, LongText, ValidationError, optional
from consult.core.i18n import N_
from consult.documents import source
from consult.documents.outline import LARGEST


class DraftText(Form):
    """What is in the file, where one was chosen, takes the place of what is in the box."""

    file = FileField(
        N_("A file"),
        [optional()],
        description=N_(
            "Word (.docx), web page (.html), Akoma Ntoso (.xml), Markdown or plain text, at most 6 MB. It replaces what is "
            "in the box."
        ),
        widget=widgets.File(accept=".docx,.html,.htm,.xml,.akn,.md,.markdown,.txt,text/plain,text/markdown,text/html"),
    )
    text = LongText(N_("The text of the draft"), most=LARGEST)

    def __init__(self, *args: Any, language: str = "en", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language = language

    def validate_file(self, field: Any) -> None:
        upload = field.data
        if not upload or not upload.filename:
            return
        try:
            self.text.data = source.read(upload.read(), upload.filename, language=self.language)
        except Refusal as refusal:
            raise ValidationError(refusal.message) from refusal
