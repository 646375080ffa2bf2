"""What arguments cover is counted as it changes; the statement of an argument to quote is found by its length."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("text_group", sa.Column("argued", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("class_count", sa.Column("argued", sa.Integer(), server_default="0", nullable=False))
    op.create_index("ix_claim_quoted", "claim", ["argument_id", sa.text('abs("end" - start - 130)'), "id"])
    op.create_table(
        "claim_moved",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_moved")),
    )
    op.create_index("ix_claim_moved_consultation_id", "claim_moved", ["consultation_id"])
    op.execute(
        """
        INSERT INTO claim_moved (consultation_id, text_hash)
        SELECT DISTINCT consultation_id, text_hash FROM claim WHERE argument_id IS NOT NULL;
        CREATE FUNCTION claim_moves() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (OLD.argument_id IS NULL) <> (NEW.argument_id IS NULL) THEN
                INSERT INTO claim_moved (consultation_id, text_hash)
                VALUES (coalesce(NEW.consultation_id, OLD.consultation_id), coalesce(NEW.text_hash, OLD.text_hash));
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER claim_moves AFTER INSERT OR DELETE OR UPDATE OF argument_id ON claim
            FOR EACH ROW EXECUTE FUNCTION claim_moves();
        """
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER claim_moves ON claim; DROP FUNCTION claim_moves()")
    op.drop_table("claim_moved")
    op.drop_index("ix_claim_quoted", table_name="claim")
    op.drop_column("class_count", "argued")
    op.drop_column("text_group", "argued")
