"""wrk, a load generator written in C, which leaves the processors to what is measured."""

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

CONNECTIONS = 16
SCRIPT = Path(__file__).with_name("wrk.lua")


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
