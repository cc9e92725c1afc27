"""A proxy between the service and PostgreSQL that loses requests, or answers to what was carried out."""

import asyncio
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

SOCKET = ".s.PGSQL.5432"


class CuttingProxy:
    """Listens where libpq looks for a server, and forwards to the real one.

    `lose_answers`: as many requests that contain the bytes reach the server, which answers, and the answer is lost with
    the connection. `lose_requests`: they are lost before they reach it. `chance`: of either, for any request at all.
    """

    def __init__(self, database_url: str, random: Random | None = None) -> None:
        server = conninfo_to_dict(database_url)
        self._target = Path(str(server["host"])) / SOCKET
        self._folder = Path(tempfile.mkdtemp(prefix="claira-cut-"))
        self._random = random or Random(0)
        self._connections: set[asyncio.Task[None]] = set()
        self.url = f"postgresql://app@/{server['dbname']}?host={quote(str(self._folder))}"
        self.chance = 0.0
        self.cuts = 0
        self._answers: tuple[bytes, int] = (b"", 0)
        self._requests: tuple[bytes, int] = (b"", 0)

    def lose_answers(self, containing: bytes, times: int) -> None:
        self._answers = (containing, times)

    def lose_requests(self, containing: bytes, times: int) -> None:
        self._requests = (containing, times)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_unix_server(self._serve, self._folder / SOCKET)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        shutil.rmtree(self._folder)

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        self._connections.add(connection)
        to_server: asyncio.StreamWriter | None = None
        try:
            with suppress(OSError):
                server, to_server = await asyncio.open_unix_connection(self._target)
                await self._forward(client, to_client, server, to_server)
        finally:
            self._connections.discard(connection)
            for writer in (to_client, to_server):
                if writer is not None:
                    writer.transport.abort()

    async def _forward(
        self,
        client: asyncio.StreamReader,
        to_client: asyncio.StreamWriter,
        server: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
    ) -> None:
        """Until either side closes, or the connection is to be cut."""
        answers = asyncio.create_task(_pump(server, to_client))
        try:
            while request := await client.read(2**16):
                if self._loses_request(request):
                    return
                cut = self._loses_answer(request)
                if cut:
                    answers.cancel()
                    await asyncio.wait([answers])
                to_server.write(request)
                if cut:
                    await server.read(1)  # the server has done it and says so
                    return
        finally:
            answers.cancel()

    def _loses_request(self, request: bytes) -> bool:
        containing, times = self._requests
        if times and containing in request:
            self._requests = (containing, times - 1)
        elif self._random.random() >= self.chance / 2:
            return False
        self.cuts += 1
        return True

    def _loses_answer(self, request: bytes) -> bool:
        containing, times = self._answers
        if times and containing in request:
            self._answers = (containing, times - 1)
        elif self._random.random() >= self.chance / 2:
            return False
        self.cuts += 1
        return True


async def _pump(server: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
    while answer := await server.read(2**16):
        to_client.write(answer)
    to_client.close()
