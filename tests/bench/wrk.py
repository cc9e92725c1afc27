"""wrk, a load generator written in C, which leaves the processors to what is measured."""

import asyncio
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

CONNECTIONS = 16
SCRIPT = Path(__file__).with_name("wrk.lua")
GET_SCRIPT = Path(__file__).with_name("wrk_get.lua")


@dataclass(frozen=True, slots=True)
class Load:
    """What is posted: in `body` KEY becomes a new text in every request, CASE each of `cases` in turn.

    An answer is a success only if it holds the text `success`, which no refusal and no error holds.
    """

    url: str
    key: str
    body: str
    cases: Sequence[str]
    success: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that is asked for. An answer is a success only if it holds `success` and has at most `most_bytes`."""

    url: str
    headers: Mapping[str, str]
    success: str
    most_bytes: int


@dataclass(frozen=True, slots=True)
class Seen:
    """median: milliseconds until an answer was there."""

    answered: int
    median: float


def installed() -> bool:
    return shutil.which("wrk") is not None


async def post(load: Load, seconds: int) -> int:
    """How many requests were answered over CONNECTIONS connections; AssertionError unless each was a success."""
    with tempfile.NamedTemporaryFile("w") as lines:
        lines.write("\n".join((load.key, load.success, load.body, *load.cases)) + "\n")
        lines.flush()
        process = await asyncio.create_subprocess_exec(
            "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(SCRIPT), load.url,
            "--", lines.name, uuid4().hex,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, said = await process.communicate()
    answered, failed, sample = said.decode().split(" ", 2)
    assert int(answered)
    assert not int(failed), f"{failed} of {answered} requests failed: {sample}"
    return int(answered)


async def visit(page: Visit, connections: int, seconds: int) -> Seen:
    """How often the page was had; AssertionError unless every answer was a success."""
    headers = [part for name, value in page.headers.items() for part in ("-H", f"{name}: {value}")]
    process = await asyncio.create_subprocess_exec(
        "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(GET_SCRIPT), *headers, page.url,
        "--", page.success, str(page.most_bytes),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await process.communicate()
    answered, median, failed, sample = said.decode().split(" ", 3)
    assert int(answered)
    assert not int(failed), f"{failed} of {answered} requests failed: {sample}"
    return Seen(int(answered), int(median) / 1000)
