"""A program with the shape of `make run`: waiting_service.py DATA_FOLDER [hanging] [working].

Says what it sees, line by line. working: with a worker beside it.
"""

import asyncio
import os
import sys
from pathlib import Path

import psycopg

from app.runtime.migrating import migrate
from app.runtime.run import Addresses, run
from app.runtime.settings import Settings
from app.runtime.supervision import first_of
from app.runtime.worker_process import keep_worker


def say(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201  # the figure is what it is run for


async def serve(addresses: Addresses) -> None:
    if "working" in sys.argv:
        await asyncio.to_thread(migrate, addresses.database)
        await first_of(keep_worker(Settings(), addresses), wait(addresses))
    else:
        await wait(addresses)


async def wait(addresses: Addresses) -> None:
    url = addresses.database
    with psycopg.connect(url) as connection:
        say("ready", os.getpid(), connection.info.dbname, url, addresses.valkey)
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            say("stopping")
            if "hanging" not in sys.argv:
                with psycopg.connect(url):
                    say("stopped while the database still answered")
                raise


if __name__ == "__main__":
    run(
        serve,
        data_folder=Path(sys.argv[1]),
        database_url=os.environ.get("TEST_DATABASE_URL"),
        redis_url=os.environ.get("TEST_REDIS_URL"),
    )
    say("ended")
