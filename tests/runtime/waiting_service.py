"""A program with the shape of `make run`: waiting_service.py DATA_FOLDER [hanging]. Says what it sees, line by line."""

import asyncio
import os
import sys
from pathlib import Path

import psycopg

from app.runtime.run import run


def say(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201


async def serve(url: str) -> None:
    with psycopg.connect(url) as connection:
        say("ready", os.getpid(), connection.info.dbname, url)
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
    run(serve, data_folder=Path(sys.argv[1]), database_url=os.environ.get("TEST_DATABASE_URL"))
    say("ended")
