"""Parsing of submitted forms."""

from __future__ import annotations

from typing import IO, Any
from urllib.parse import parse_qsl

import flask
from werkzeug.formparser import FormDataParser


class FormParser(FormDataParser):
    """Rejects a form with invalid UTF-8 as unreadable, as it is done for multipart forms.

    The library would return an empty form and complain about a missing token. It also names parts without a name None;
    these are dropped. Source: WHATWG URL Standard, application/x-www-form-urlencoded parsing.
    """

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> Any:
        if mimetype != "application/x-www-form-urlencoded":
            rest, form, files = super().parse(stream, mimetype, content_length, options)
            return rest, *(self.cls((k, v) for k, v in it.items(multi=True) if k is not None) for it in (form, files))
        fields = parse_qsl(stream.read().decode(errors="replace"), keep_blank_values=True)
        return stream, self.cls(fields), self.cls()


class Request(flask.Request):
    form_data_parser_class = FormParser
