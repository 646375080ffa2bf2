"""Second factors, passkeys, single sign-on, suspended accounts, and the log of sign-ins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261128y_second_factor"
down_revision = "20261128x"
branch_labels = None
depends_on = None

_ACCOUNT = ("factor_since", "factor_asked_at", "suspended_at")


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for name in _ACCOUNT:
        op.add_column("account", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    _make_factors()
    _make_sign_on()
    op.add_column("account_session", sa.Column("second", sa.String(24), nullable=True))
    op.add_column("account_session", sa.Column("identity_id", sa.BigInteger(), nullable=True))
    op.add_column("account_session", sa.Column("provider_session", sa.LargeBinary(), nullable=True))
    op.create_foreign_key(
        "fk_account_session_identity_id_sign_on_identity",
        "account_session",
        "sign_on_identity",
        ["identity_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.create_table(
        "sign_in",
        _id(),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(24), nullable=False),
        sa.Column("second", sa.String(24), nullable=True),
        sa.Column("device", sa.Text(), nullable=False),
        _time("at"),
        *_keys("sign_in", account_id="account"),
    )
    op.create_index("ix_sign_in_account_id_at", "sign_in", ["account_id", "at"])
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_account_session_identity_id", "account_session", ["identity_id"], postgresql_concurrently=True
        )


def _make_factors() -> None:
    op.create_table(
        "authenticator",
        _id(),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        _time("made_at"),
        _time("confirmed_at", nullable=True),
        *_keys("authenticator", account_id="account"),
        sa.UniqueConstraint("account_id", name="uq_authenticator_account_id"),
    )
    op.create_table(
        "recovery_code",
        _id(),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        _time("used_at", nullable=True),
        *_keys("recovery_code", account_id="account"),
        sa.UniqueConstraint("account_id", "hash", name="uq_recovery_code_account_id_hash"),
    )
    op.create_table(
        "passkey",
        _id(),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("credential", "public_key")),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("transports", JSONB(), nullable=False),
        _time("added_at"),
        _time("used_at", nullable=True),
        *_keys("passkey", account_id="account"),
        sa.UniqueConstraint("credential", name="uq_passkey_credential"),
    )
    op.create_index("ix_passkey_account_id", "passkey", ["account_id"])


def _make_sign_on() -> None:
    op.create_table(
        "sign_on_provider",
        _id(),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("slug", "name", "issuer", "client_id")),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("domains", JSONB(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("roles", JSONB(), nullable=False),
        sa.Column("own_factor", sa.Boolean(), nullable=False),
        _time("added_at"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_on_provider"),
        *(sa.UniqueConstraint(name, name=f"uq_sign_on_provider_{name}") for name in ("slug", "issuer")),
    )
    op.create_table(
        "sign_on_identity",
        _id(),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(24), nullable=True),
        _time("linked_at"),
        *_keys("sign_on_identity", provider_id="sign_on_provider", account_id="account"),
        sa.UniqueConstraint("provider_id", "subject", name="uq_sign_on_identity_provider_id_subject"),
    )
    op.create_index("ix_sign_on_identity_account_id", "sign_on_identity", ["account_id"])
    op.create_table(
        "sign_on_attempt",
        _id(),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("browser", sa.LargeBinary(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("nonce_sealed", "verifier_sealed")),
        sa.Column("next", sa.Text(), nullable=False),
        _time("begun_at"),
        *_keys("sign_on_attempt", provider_id="sign_on_provider"),
        sa.UniqueConstraint("hash", name="uq_sign_on_attempt_hash"),
    )
    op.create_index("ix_sign_on_attempt_provider_id", "sign_on_attempt", ["provider_id"])
    op.create_table(
        "sign_on_body",
        sa.Column("body_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_sign_on_body_body_id_body", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["sign_on_provider.id"],
            name="fk_sign_on_body_provider_id_sign_on_provider",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("body_id", name="pk_sign_on_body"),
    )
    op.create_index("ix_sign_on_body_provider_id", "sign_on_body", ["provider_id"])


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _keys(table: str, **owners: str) -> list[sa.Constraint]:
    """Return the primary key, and the foreign keys that delete a row together with its parents."""
    return [
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        *(
            sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}_{to}", ondelete="CASCADE")
            for column, to in owners.items()
        ),
    ]


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_table("sign_in")
    with op.get_context().autocommit_block():
        op.drop_index("ix_account_session_identity_id", "account_session", postgresql_concurrently=True, if_exists=True)
    op.drop_constraint("fk_account_session_identity_id_sign_on_identity", "account_session", type_="foreignkey")
    for name in ("second", "identity_id", "provider_session"):
        op.drop_column("account_session", name)
    for table in (
        "sign_on_body",
        "sign_on_attempt",
        "sign_on_identity",
        "sign_on_provider",
        "passkey",
        "recovery_code",
        "authenticator",
    ):
        op.drop_table(table)
    for name in _ACCOUNT:
        op.drop_column("account", name)
