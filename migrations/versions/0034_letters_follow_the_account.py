"""Who filed with the address of their account is written to where the account is: it may get another address."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TEMPORARY TABLE doubled AS
            SELECT s.id AS submission_id, s.contact_id FROM submission s JOIN contact c ON c.id = s.contact_id
            JOIN account a ON a.id = s.account_id WHERE a.email_index = c.email_index;
        UPDATE submission SET contact_id = NULL WHERE id IN (SELECT submission_id FROM doubled);
        DELETE FROM contact WHERE id IN (SELECT contact_id FROM doubled);
        DROP TABLE doubled;
        """
    )


def downgrade() -> None:
    """Nothing: letters go to the account where there is no other address."""
