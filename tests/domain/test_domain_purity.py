"""The domain is functions of values: what its source may import, call and hold, and what its tokens are counted in."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ALLOWED_IMPORTS = {
    "calendar", "collections.abc", "dataclasses", "datetime", "decimal", "enum", "functools", "hashlib", "ipaddress",
    "re", "types", "typing", "urllib.parse", "uuid", "zoneinfo",
}  # fmt: skip
READS_THE_TIME = {"now", "utcnow", "today", "utcfromtimestamp", "uuid1", "uuid4", "uuid7"}
OF_MODULES = {"datetime", "date", "datetime.datetime", "datetime.date", "uuid"}
ASKS_THE_WORLD = {"open", "print", "input", "exec", "eval", "__import__"}
MAY_BE_FLOATS = {("reservoirs.py", "fill"), ("months.py", "share"), ("months.py", "by_category")}
"""How full the tank is, and a part of the whole: for eyes only. Tokens are int, money is Decimal."""
DIVIDES_MONEY = {("plan_changes.py", "proration_credit")}
"""A Decimal, which is then rounded to the cent (C2)."""

Fault = tuple[str, str]
"""A file and the place or name in it."""


def sources(project: Path) -> list[tuple[str, ast.Module]]:
    files = sorted((project / "app" / "domain").rglob("*.py"))
    assert len(files) >= 15
    return [(file.name, ast.parse(file.read_text(encoding="utf-8"))) for file in files]


def imported(file: str, tree: ast.Module) -> Iterator[Fault]:
    """Whatever comes from neither the domain itself nor the part of the standard library that touches nothing."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = ["." * node.level + (node.module or "")]
        for name in names:
            if name not in ALLOWED_IMPORTS and name.split(".")[:2] != ["app", "domain"]:
                yield file, name


def impure_calls(file: str, tree: ast.Module) -> Iterator[Fault]:
    """What reads a clock or makes something at random, and everything that opens, prints or asks.

    A value may have an attribute `now`; to call it, or to take it from a class of instants, is to read a clock.
    """
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in READS_THE_TIME:
            if id(node) in called or ast.unparse(node.value) in OF_MODULES:
                yield file, node.attr
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ASKS_THE_WORLD:
            yield file, ast.unparse(node.func)


def naive_datetimes(file: str, tree: ast.Module) -> Iterator[Fault]:
    """Instants made without their zone, or stripped of it."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        zones = [keyword.value for keyword in node.keywords if keyword.arg in {"tzinfo", "tz"}]
        without = not zones or any(isinstance(zone, ast.Constant) and zone.value is None for zone in zones)
        makes_one = called in {"datetime", "datetime.datetime"} or called.endswith(
            (".combine", ".strptime", ".fromtimestamp", ".fromisoformat")
        )
        strips_one = called.endswith(".replace") and bool(zones) and without
        if (makes_one and without) or strips_one:
            yield file, ast.unparse(node)


def floats(file: str, tree: ast.Module) -> Iterator[Fault]:
    """Everywhere that a float is named, written or made by a division."""

    def visit(node: ast.AST, place: str) -> Iterator[Fault]:
        if isinstance(node, ast.FunctionDef):
            place = node.name
        elif isinstance(node, ast.AnnAssign):
            place = ast.unparse(node.target)
        named = isinstance(node, ast.Name) and node.id == "float"
        written = isinstance(node, ast.Constant) and isinstance(node.value, float)
        divided = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)
        if named or written or divided:
            yield file, place
        for child in ast.iter_child_nodes(node):
            yield from visit(child, place)

    yield from visit(tree, "")


Scan = Callable[[str, ast.Module], Iterator[Fault]]


@pytest.mark.parametrize("scan", [imported, impure_calls, naive_datetimes])
def test_the_domain_reads_no_clock_and_touches_nothing(project: Path, scan: Scan) -> None:
    assert [fault for file, tree in sources(project) for fault in scan(file, tree)] == []


def test_tokens_and_money_are_never_floats(project: Path) -> None:
    """P1, L1: only how full the tank is and a category's share are."""
    found = {fault for file, tree in sources(project) for fault in floats(file, tree)}
    assert found == MAY_BE_FLOATS | DIVIDES_MONEY


@pytest.mark.parametrize(
    ("scan", "source"),
    [
        (imported, "import os"),
        (imported, "from sqlalchemy.orm import Session"),
        (imported, "from app.storage import tables"),
        (imported, "from ..storage import tables"),
        (imported, "from time import monotonic"),
        (impure_calls, "datetime.now(UTC)"),
        (impure_calls, "date.today()"),
        (impure_calls, "made_at = field(default_factory=datetime.now)"),
        (impure_calls, "self.clock.now()"),
        (impure_calls, "uuid.uuid4()"),
        (impure_calls, "open('x')"),
        (naive_datetimes, "datetime(2026, 1, 1)"),
        (naive_datetimes, "datetime.combine(day, wall)"),
        (naive_datetimes, "datetime.fromisoformat(text)"),
        (naive_datetimes, "instant.replace(tzinfo=None)"),
        (floats, "def refill(tokens: float) -> int: ..."),
        (floats, "class Plan:\n    price: float | None"),
        (floats, "tokens = float(text)"),
        (floats, "half = tokens / 2"),
        (floats, "tokens *= 0.5"),
        (floats, "tokens /= 2"),
    ],
)
def test_each_scan_finds_what_it_looks_for(scan: Scan, source: str) -> None:
    assert len(list(scan("planted.py", ast.parse(source)))) == 1


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import UTC, datetime\nfrom app.domain.plans import Plan",
        "datetime(2026, 1, 1, tzinfo=UTC)",
        "datetime.combine(day, wall, tzinfo=EASTERN).astimezone(UTC)",
        "tokens = plan.cap // 2 + 30 * 500",
        "text.replace('a', 'b')",
        "present = self.clock.now",
    ],
)
def test_the_scans_let_honest_source_pass(source: str) -> None:
    tree = ast.parse(source)
    assert [fault for scan in (imported, impure_calls, naive_datetimes, floats) for fault in scan("x.py", tree)] == []
