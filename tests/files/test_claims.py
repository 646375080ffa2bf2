"""A foreign key to a stored file keeps the file: no package has to register that."""

from __future__ import annotations

from flask import Flask

from consult.files import claims


def test_every_table_that_refers_to_a_file_claims_it(app: Flask) -> None:
    selected = {str(table) for select in claims.select_claims() for table in select.get_final_froms()}
    assert {"evidence", "draft", "case_study_source", "action_report_file", "signal_report_file"} <= selected
