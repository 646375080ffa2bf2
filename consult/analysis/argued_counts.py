# ruff: noqa: S608 - a statement put together from constants
"""SQL fragment that marks which texts are used in arguments and updates the counts of the analysis."""

from __future__ import annotations


def mark_texts_sql(texts: str) -> str:
    """Return the end of an SQL statement that marks texts as used in arguments and updates the counts of their classes.

    It follows other CTEs. `texts` is a SELECT of `text_hash` and `argued` for texts of `:consultation`. Callers hold
    the lock of the analysis.
    """
    return f"""turned AS (
        UPDATE text_group g SET argued = m.argued FROM ({texts}) AS m
        WHERE g.consultation_id = :consultation AND g.text_hash = m.text_hash AND g.argued <> m.argued
        RETURNING g.kind, CASE WHEN g.argued THEN g.published ELSE -g.published END AS n
    )
    UPDATE class_count k SET argued = k.argued + t.n FROM (SELECT kind, sum(n) AS n FROM turned GROUP BY kind) AS t
    WHERE k.consultation_id = :consultation AND k.kind = t.kind"""
