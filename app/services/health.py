"""Whether this process can do its work."""

from app.services.ports import Ports
from app.storage.database import DatabaseUnavailable
from app.storage.revision import applied_revision


async def is_ready(ports: Ports, revision: str) -> bool:
    """The database answers, and stands at the migration that the code was written for."""
    try:
        return await applied_revision(ports.database) == revision
    except DatabaseUnavailable:
        return False
