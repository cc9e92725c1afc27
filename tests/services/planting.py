"""Differences planted into a database, behind the back of everything that protects it."""

from sqlalchemy import text

from app.services.ports import Ports
from app.storage.verification import Difference, run_checks


async def found_after(ports: Ports, change: str) -> list[Difference]:
    """What the check finds after the statements; they are rolled back.

    They are a superuser's who has switched off what protects the ledger, while constraints of single rows still hold. A
    statement that drops what forbids the difference comes first.
    """
    async with ports.database.writing() as connection:
        await connection.execute(text("set local session_replication_role = replica"))
        for statement in change.split("; "):
            changed = await connection.exec_driver_sql(statement)
            assert changed.rowcount > 0 or statement.startswith(("drop ", "alter ")), statement
        found = await run_checks(connection)
        await connection.rollback()
    assert all(difference.stored != difference.expected for difference in found)
    return found


def told(found: list[Difference]) -> set[str]:
    return {difference.what for difference in found}
