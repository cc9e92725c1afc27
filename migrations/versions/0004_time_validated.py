"""The constraints of 0003 on the rows that were there before."""

from migrations.frozen import install

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install(revision, ["validate.sql"])
