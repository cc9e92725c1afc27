"""Money: invoices, payments by card, what waits for operators, and a ceiling on overage."""

from migrations.frozen import install

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install(revision, ["tables.sql", "invoices.sql", "tasks.sql", "triggers.sql"])
