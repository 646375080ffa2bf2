"""Reading of copies with added words: the rank of each text, and example sentences of the other side."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201r_letter_reading"
down_revision = "20261201q_timetables"
branch_labels = None
depends_on = None

_VIEW = """VIEW readable_text_group AS SELECT text_group.consultation_id, text_group.text_hash, text_group.first_number,
    text_group.campaign_number, text_group.received, text_group.published, text_group.kind, text_group.campaign_id,
    coalesce(text_group.checked = 'contradicts', false) AS contrary, text_group.checked, text_group.standing,
    text_group.adds, text_group.share{more} FROM text_group"""


def upgrade() -> None:
    op.add_column("text_group", sa.Column("opposition", sa.Float))
    more = ", text_group.contrary AS swapped, text_group.opposition"
    op.execute(f"CREATE OR REPLACE {_VIEW.format(more=more)}")
    op.create_table(
        "letter_reading",
        sa.Column("campaign_id", sa.BigInteger, sa.ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True),
        sa.Column(
            "consultation_id", sa.BigInteger, sa.ForeignKey("consultation.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("examples", sa.Text, nullable=False, server_default=""),
        sa.Column("learnt_examples", sa.Text, nullable=False, server_default=""),
        sa.Column("learnt_answers", sa.Integer, nullable=False, server_default="0"),
    )


def downgrade() -> None:
    op.drop_table("letter_reading")
    op.execute("DROP VIEW readable_text_group")
    op.execute(f"CREATE {_VIEW.format(more='')}")
    op.drop_column("text_group", "opposition")
