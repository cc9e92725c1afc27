"""Time: refills, cycles that end, changes of plan, test clocks, and what is announced after a commit."""

from migrations.frozen import install

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install(revision, ["tables.sql", "ledger.sql", "reservoirs.sql", "refills.sql", "tasks.sql", "triggers.sql"])
