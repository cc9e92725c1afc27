"""A worker of the refill benchmark: refills every case that is due at the instant given, as the real one does."""

import asyncio
import sys
from datetime import datetime

from app.runtime.run import new_event_loop
from app.services.due import RefillSweep
from app.services.ports import Ports
from app.storage.database import Database


async def work(url: str, now: datetime) -> int:
    ports = Ports(Database(url), lambda: now)
    await ports.database.open()
    try:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)  # all begin together
        sweep, done = RefillSweep(ports), 0
        while refilled := await sweep.batch():
            done += refilled
        return done
    finally:
        await ports.database.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        done = runner.run(work(sys.argv[1], datetime.fromisoformat(sys.argv[2])))
    sys.stdout.write(f"{done}\n")
