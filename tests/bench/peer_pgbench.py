"""pgbench, which comes with the server's programs, as a peer: its simple-update at scale 10."""

import asyncio
from subprocess import DEVNULL

from app.runtime.servers.binaries import find_binaries
from tests.bench.ground import Ground
from tests.bench.rounds import Work

DATABASE = "pgbench"
SCALE = "10"


async def simple_updates(ground: Ground, clients: int) -> Work:
    """Its three statements and commit a transaction, in a database of its own on the same server."""
    ground.server.create_database(DATABASE)
    await _pgbench(ground, "--initialize", "--quiet", "--scale", SCALE)
    each = ground.effort.calls // clients
    options = ("--no-vacuum", "--builtin", "simple-update", "--client", clients, "--jobs", 2, "--transactions", each)

    async def work(_: int) -> int:
        await _pgbench(ground, *options)
        return each * clients

    return work


async def _pgbench(ground: Ground, *options: object) -> None:
    words = [*map(str, options), ground.server.url(DATABASE)]
    process = await asyncio.create_subprocess_exec(
        find_binaries() / "pgbench", *words, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL
    )
    assert await process.wait() == 0, f"pgbench {' '.join(words)} failed"
