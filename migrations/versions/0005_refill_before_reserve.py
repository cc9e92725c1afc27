"""A reserve does the refill that is due before it, in the same round trip; refills go on from where they are."""

from migrations.frozen import install

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install(revision, ["drop.sql", "refills.sql", "tasks.sql"])
