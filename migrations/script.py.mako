"""${message}"""

from migrations.frozen import install

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    install(revision, ["tables.sql"])
