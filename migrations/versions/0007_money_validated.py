"""The constraints of 0006 on the rows that were there before."""

from migrations.frozen import install

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install(revision, ["validate.sql"])
