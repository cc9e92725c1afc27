"""Cases, reservoirs, the ledger with its own protections, tasks, cycles, keys."""

from migrations.frozen import install

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    install(revision, ["tables.sql", "ledger.sql", "reservoirs.sql", "tasks.sql", "triggers.sql"])
