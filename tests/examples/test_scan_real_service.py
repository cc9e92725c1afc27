"""The example client against the real service, over a real port."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.runtime.service import build_app
from app.runtime.serving import address, listen, serving
from app.runtime.settings import Settings
from app.services.ports import Ports
from app.services.verification import verify
from examples.bulk_scan import scan
from examples.claira_api import Api
from examples.refund_receipt import Receipt
from tests.stage import Clock, active_case, new_viewer, reread


async def test_a_folder_is_scanned_and_the_refund_lands(own_ports: Ports, clock: Clock, tmp_path: Path) -> None:
    """Text, picture, empty and unknown binary: 80 reserved, 1 + 5 charged, 74 back; again: the same task."""
    clock.now = datetime.now(UTC)
    (tmp_path / "letter.txt").write_text("Dear Sir,")
    (tmp_path / "scan").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    (tmp_path / "empty").touch()
    (tmp_path / "core").write_bytes(bytes(range(256)) * 4)
    operator, key = await new_viewer(own_ports)
    case = await active_case(own_ports, operator)
    listener = listen("127.0.0.1", 0)

    def client(**options: Any) -> Receipt:
        with Api(f"{address(listener)}/graphql", key, say=lambda _: None) as api:
            return scan(tmp_path, api, case=str(case.terms.uuid), batch=3, **options)

    async with serving(build_app(own_ports, Settings()), listener):
        receipt = await asyncio.to_thread(client)
        again = await asyncio.to_thread(client)
        # The application closes its database when it stops; the rest of the test reads on.
        task = receipt.task
        assert (task["reservedTokens"], task["chargedTokens"], task["refundedTokens"]) == (80, 6, 74)
        assert (task["succeeded"], task["failed"], task["skipped"], task["pending"]) == (2, 1, 1, 0)
        assert again.task == task
        assert (await reread(own_ports, operator, case)).reservoir.balance == 10_000 - 6
        assert (await verify(own_ports)).differences == []
