"""People in the panel: sign-in links, sessions, the language that a person chose."""

from migrations.frozen import install

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install(revision, ["tables.sql"])
