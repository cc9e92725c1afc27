"""django-hordak, a double-entry ledger on Django's ORM, as a peer; the lock of the benchmarks alone holds it."""

import asyncio
import importlib.util
import random
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from psycopg.conninfo import conninfo_to_dict

from tests.bench.ground import Ground

DATABASE = "hordak"
ACCOUNTS = 200
CURRENCY = "CAD"


class Hordak:
    """Transfers between accounts in a database of its own on the same server; a thread for each worker."""

    def __init__(self, ground: Ground, workers: int) -> None:
        self._each = max(1, ground.effort.calls // workers // 8)  # slower than the others: the same rate in less time
        self._workers = workers
        self._threads = ThreadPoolExecutor(workers)
        ground.server.create_database(DATABASE)
        self._url = ground.server.url(DATABASE)
        self._accounts: list[Any] = []

    @staticmethod
    def is_installed() -> bool:
        return importlib.util.find_spec("hordak") is not None

    def __enter__(self) -> Self:
        self._threads.submit(self._set_up).result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown()

    async def transfers(self, repetition: int) -> int:
        here = asyncio.get_running_loop()
        seeds = range(repetition * self._workers, (repetition + 1) * self._workers)
        return sum(await asyncio.gather(*(here.run_in_executor(self._threads, self._transfer, seed) for seed in seeds)))

    def _set_up(self) -> None:
        import django
        from django.conf import settings
        from django.core.management import call_command
        from django.db import connection

        if not settings.configured:
            place = conninfo_to_dict(self._url)
            settings.configure(
                DATABASES={
                    "default": {
                        "ENGINE": "django.db.backends.postgresql",
                        "NAME": place["dbname"],
                        "USER": place["user"],
                        "HOST": place["host"],
                        "CONN_MAX_AGE": None,
                    }
                },
                INSTALLED_APPS=["django.contrib.contenttypes", "mptt", "hordak"],
                USE_TZ=True,
                CURRENCIES=[CURRENCY],
                DEFAULT_CURRENCY=CURRENCY,
                HORDAK_CURRENCIES=[CURRENCY],
                HORDAK_INTERNAL_CURRENCY=CURRENCY,
            )
            django.setup()
        call_command("migrate", verbosity=0)
        from hordak.models import Account

        new = Account.objects.create
        self._accounts = [new(name=str(number), type="LI", currencies=[CURRENCY]) for number in range(ACCOUNTS)]
        connection.close()

    def _transfer(self, seed: int) -> int:
        from django.db import connection
        from moneyed import Money

        order = random.Random(seed)
        for _ in range(self._each):
            giver, taker = order.sample(self._accounts, 2)
            giver.transfer_to(taker, Money(order.randint(1, 27), CURRENCY))
        connection.close()
        return self._each
