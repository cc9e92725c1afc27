"""What all tables are made of."""

from enum import StrEnum

from sqlalchemy import BigInteger, Column, DateTime, Enum, MetaData

from app.domain.callers import Role
from app.domain.plans import PlanTier

metadata = MetaData()


def enum_of(values: type[StrEnum], name: str) -> Enum:
    return Enum(values, name=name, values_callable=lambda enum: [member.value for member in enum])


def big(name: str, *, null: bool = False, key: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null, primary_key=key, autoincrement=False)


def instant(name: str, *, null: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=null)


def identity(name: str) -> Column[int]:
    return Column(name, BigInteger, primary_key=True)


PLAN_TIER = enum_of(PlanTier, "plan_tier")
CALLER_ROLE = enum_of(Role, "caller_role")
