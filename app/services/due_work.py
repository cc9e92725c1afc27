"""What is due in real time, done round after round by a worker (C10)."""

from datetime import datetime, timedelta
from functools import partial

from app.services.abandonment import abandon_batch
from app.services.due import RefillSweep, end_cycles
from app.services.invoicing import issue_months
from app.services.payments_due import collect, end_overdue, refund
from app.services.ports import Ports
from app.storage.idle_tasks import IdleTask

SWEPT_EVERY = timedelta(minutes=1)
"""How often idle tasks are looked for: running tasks may be many, and their day is long."""


class DueWork:
    """What is due in real time, as one worker does it."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._swept_at: datetime | None = None
        self._sweep: IdleTask | None = None
        self._kinds = (
            self._abandon,
            partial(end_cycles, ports),
            RefillSweep(ports).batch,
            partial(issue_months, ports),
            partial(collect, ports),
            partial(end_overdue, ports),
            partial(refund, ports),
        )

    async def run(self) -> int:
        """Does a batch of each kind, in transactions of their own. Returns how many things that were; 0: all is done.

        A worker that is told to stop does so between two of them. What fails keeps nothing else from being done, and is
        raised once nothing else is left to do.
        """
        done, failures = 0, list[Exception]()
        for work in self._kinds:
            try:
                done += await work()
            except Exception as failure:
                failures.append(failure)
        if failures and not done:
            raise failures[0]
        return done

    async def _abandon(self) -> int:
        now = self._ports.clock()
        if self._sweep is None and self._swept_at is not None and timedelta(0) <= now - self._swept_at < SWEPT_EVERY:
            return 0
        if self._sweep is None:
            self._swept_at = now
        ended, self._sweep = await abandon_batch(self._ports, self._sweep)
        return ended + (self._sweep is not None)
