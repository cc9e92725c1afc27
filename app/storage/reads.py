"""Reads, through psycopg alone: at a fifth of what SQLAlchemy takes for them."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Protocol

from psycopg import AsyncConnection
from sqlalchemy import Enum, Select, make_url
from sqlalchemy.engine.result import IteratorResult, Result, SimpleResultMetaData

_DIALECT = make_url("postgresql+psycopg://").get_dialect()()
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Reader(Protocol):
    """What functions that read are given: a direct reader, or a connection of SQLAlchemy inside a transaction."""

    async def execute(
        self, statement: Select[Any], parameters: Mapping[str, Any] | None = None, /
    ) -> Result[*tuple[Any, ...]]:
        """The rows of the statement."""


class DirectReader:
    """A connection of psycopg for whoever reads."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def execute(
        self, statement: Select[Any], parameters: Mapping[str, Any] | None = None, /
    ) -> Result[*tuple[Any, ...]]:
        """The rows, as a connection of SQLAlchemy gives them.

        A statement is compiled when it is first seen. It is known by its identity: one that is built for every call
        would be compiled for every call.
        """
        query = _compiled(statement)
        given = {**query.constants, **(parameters or _NOTHING)}
        cursor = await self._connection.execute(query.text, given, prepare=True)
        return query.result(await cursor.fetchall())


class _Query:
    """A compiled statement, and what its rows are made into."""

    def __init__(self, statement: Select[Any]) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        columns = statement.selected_columns
        self.text = str(compiled)
        self.constants = {
            name: value.value if isinstance(value, StrEnum) else value for name, value in compiled.params.items()
        }
        self._metadata = SimpleResultMetaData(columns.keys(), extra=[(column,) for column in columns])
        # psycopg gives the values of an enumeration as texts.
        self._enums = [
            (place, {None: None, **{member.value: member for member in column.type.enum_class}})
            for place, column in enumerate(columns)
            if isinstance(column.type, Enum) and column.type.enum_class is not None
        ]

    def result(self, rows: Sequence[tuple[Any, ...]]) -> Result[*tuple[Any, ...]]:
        return IteratorResult(self._metadata, map(self._read, rows) if self._enums else iter(rows))

    def _read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for place, members in self._enums:
            values[place] = members[values[place]]
        return tuple(values)


@lru_cache(maxsize=512)
def _compiled(statement: Select[Any]) -> _Query:
    return _Query(statement)
