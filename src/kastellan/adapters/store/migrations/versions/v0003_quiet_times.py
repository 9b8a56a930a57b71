"""Until when nothing becomes due at an installation."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "quiet_times",
        sa.Column("installation", sa.String, primary_key=True),
        sa.Column("inputs", sa.String(64), nullable=False),
        sa.Column("files", sa.Text, nullable=False),
        sa.Column("since", sa.String(20), nullable=False),
        sa.Column("until", sa.String(20), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """There is no way back: what was done is not forgotten."""
    raise RuntimeError("the store has no downgrade")
