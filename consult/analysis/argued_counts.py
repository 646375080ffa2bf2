# ruff: noqa: S608 - a statement put together from constants
"""SQL fragment that counts which texts have statements in arguments, in the analysis' own tables."""

from __future__ import annotations


def mark_texts_sql(texts: str) -> str:
    """The end of a statement, after other CTEs: marks texts as argued or not, and moves the counts of their classes.

    `texts` selects `text_hash` and `argued` of texts of `:consultation`. For callers behind the lock of the analysis.
    """
    return f"""turned AS (
        UPDATE text_group g SET argued = m.argued FROM ({texts}) AS m
        WHERE g.consultation_id = :consultation AND g.text_hash = m.text_hash AND g.argued <> m.argued
        RETURNING g.kind, CASE WHEN g.argued THEN g.published ELSE -g.published END AS n
    )
    UPDATE class_count k SET argued = k.argued + t.n FROM (SELECT kind, sum(n) AS n FROM turned GROUP BY kind) AS t
    WHERE k.consultation_id = :consultation AND k.kind = t.kind"""
