"""Overage that counts toward the ceiling of a case (T5)."""

from typing import Any

from sqlalchemy import BigInteger, bindparam, cast, func, select
from sqlalchemy.sql.elements import ColumnElement

from app.domain.overage import OverageUse
from app.domain.tasks import TaskStatus
from app.storage.reads import Reader
from app.storage.tables import cycle_usage, reservoirs, tasks


def _sum(of: ColumnElement[int], *where: ColumnElement[bool]) -> ColumnElement[int]:
    return select(cast(func.coalesce(func.sum(of), 0), BigInteger)).where(*where).scalar_subquery()


_SUMS: Any = (
    _sum(
        cycle_usage.c.overage,
        cycle_usage.c.case_id == reservoirs.c.case_id,
        cycle_usage.c.cycle_number == reservoirs.c.cycle_number,
    ),
    _sum(tasks.c.provisional, tasks.c.case_id == reservoirs.c.case_id, tasks.c.status == TaskStatus.RUNNING),
)
_USE = select(*_SUMS).where(reservoirs.c.case_id == bindparam("of_case"))


async def find_overage(connection: Reader, case_id: int) -> OverageUse:
    """Settled in the open cycle of a case, and set aside by its running tasks."""
    settled, provisional = (await connection.execute(_USE, {"of_case": case_id})).one()
    return OverageUse(settled, provisional)
