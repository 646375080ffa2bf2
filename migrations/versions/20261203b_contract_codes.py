"""Drop the topics of excerpts, the doubts about merges, and the texts close in meaning to a letter.

Pages of the workbench replaced them. Seals of codebook rows end when the next seals are written.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261203b_contract_codes"
down_revision = "20261203a_countries"
branch_labels = None
depends_on = None

LABEL = """
CREATE TABLE {name} (
    claim_id bigint NOT NULL CONSTRAINT fk_{name}_claim_id_claim REFERENCES claim ON DELETE CASCADE,
    code text NOT NULL,
    consultation_id bigint NOT NULL,
    value text NOT NULL,
    {more},
    CONSTRAINT pk_{name} PRIMARY KEY (claim_id, code)
)
"""
GIVEN = "account_id bigint NOT NULL CONSTRAINT fk_{name}_account_id_account REFERENCES account, at timestamptz NOT NULL"
FORMER = (
    """
CREATE TABLE argument_code (
    consultation_id bigint NOT NULL
        CONSTRAINT fk_argument_code_consultation_id_consultation REFERENCES consultation,
    term_id bigint NOT NULL CONSTRAINT fk_argument_code_term_id_term REFERENCES term,
    added_by bigint NOT NULL CONSTRAINT fk_argument_code_added_by_account REFERENCES account,
    added_at timestamptz NOT NULL,
    CONSTRAINT pk_argument_code PRIMARY KEY (consultation_id, term_id)
)
""",
    LABEL.format(name="argument_label", more=GIVEN.format(name="argument_label")),
    LABEL.format(name="argument_second_label", more=GIVEN.format(name="argument_second_label")),
    LABEL.format(name="argument_suggestion", more="sure double precision NOT NULL"),
    """
CREATE TABLE argument_learning (
    consultation_id bigint NOT NULL,
    code text NOT NULL,
    labels integer NOT NULL,
    score double precision,
    at timestamptz NOT NULL,
    CONSTRAINT pk_argument_learning PRIMARY KEY (consultation_id, code)
)
""",
    """
CREATE TABLE argument_merge_doubt (
    argument_id bigint NOT NULL CONSTRAINT fk_argument_merge_doubt_argument_id_argument REFERENCES argument,
    other_id bigint NOT NULL CONSTRAINT fk_argument_merge_doubt_other_id_argument REFERENCES argument,
    account_id bigint NOT NULL CONSTRAINT fk_argument_merge_doubt_account_id_account REFERENCES account,
    at timestamptz NOT NULL,
    CONSTRAINT pk_argument_merge_doubt PRIMARY KEY (argument_id, other_id, account_id),
    CONSTRAINT ck_argument_merge_doubt_ordered CHECK (argument_id < other_id)
)
""",
    """
CREATE TABLE alike_text (
    consultation_id bigint NOT NULL,
    text_hash bytea NOT NULL,
    campaign_id bigint NOT NULL CONSTRAINT fk_alike_text_campaign_id_campaign REFERENCES campaign,
    score double precision NOT NULL,
    CONSTRAINT pk_alike_text PRIMARY KEY (consultation_id, text_hash)
)
""",
    "CREATE INDEX ix_argument_label_code ON argument_label (consultation_id, code)",
    "CREATE INDEX ix_argument_second_label_code ON argument_second_label (consultation_id, code)",
    "CREATE INDEX ix_argument_suggestion_code ON argument_suggestion (consultation_id, code, sure)",
)
TRIGGERS = {
    "insert": ("NEW TABLE AS changed", ""),
    "update": ("OLD TABLE AS former NEW TABLE AS changed", ", '{added_by}'"),
    "delete": ("OLD TABLE AS former", ", '{added_by}'"),
}
KEY = """'"consultation_id"::text || ''/'' || "term_id"::text'"""


def upgrade() -> None:
    op.execute(
        "INSERT INTO statement_change (statement, row) "
        "SELECT statement, row FROM statement_seal WHERE statement = 'argument_code' AND ended_id IS NULL"
    )
    for name in ("code", "label", "second_label", "suggestion", "learning", "merge_doubt"):
        op.drop_table(f"argument_{name}")
    op.drop_table("alike_text")
    op.drop_column("claim", "coded")


def downgrade() -> None:
    op.add_column("claim", sa.Column("coded", sa.Boolean(), nullable=False, server_default="false"))
    for statement in FORMER:
        op.execute(statement)
    for event, (rows, left_out) in TRIGGERS.items():
        op.execute(
            f"CREATE TRIGGER note_{event} AFTER {event.upper()} ON argument_code REFERENCING {rows} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION note_statement({KEY}{left_out})"
        )
