"""Callers, their keys, links and sessions, and what they have seen."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, LargeBinary, Table, Text, UniqueConstraint

from app.domain.languages import Language
from app.storage.tables.columns import CALLER_ROLE, big, enum_of, identity, instant, metadata

callers = Table(
    "callers",
    metadata,
    identity("caller_id"),
    Column("organization_id", BigInteger, ForeignKey("organizations.organization_id")),
    Column("name", Text, nullable=False),
    Column("language", enum_of(Language, "language")),
    UniqueConstraint("organization_id", "name"),
)
api_keys = Table(
    "api_keys",
    metadata,
    identity("api_key_id"),
    Column("caller_id", BigInteger, ForeignKey("callers.caller_id"), nullable=False),
    Column("role", CALLER_ROLE, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    instant("created_at"),
    instant("revoked_at", null=True),
)
sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("caller_id", BigInteger, ForeignKey("callers.caller_id"), nullable=False),
    Column("case_id", BigInteger, ForeignKey("cases.case_id")),
    Column("role", CALLER_ROLE, nullable=False),
    Column("once", Boolean, nullable=False),
    instant("expires_at"),
)
sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("caller_id", BigInteger, ForeignKey("callers.caller_id"), nullable=False),
    Column("case_id", BigInteger, ForeignKey("cases.case_id")),
    Column("role", CALLER_ROLE, nullable=False),
    instant("expires_at"),
    Index("sessions_by_expiry", "expires_at"),
)
visits = Table(
    "visits",
    metadata,
    Column("case_id", BigInteger, ForeignKey("reservoirs.case_id"), primary_key=True, autoincrement=False),
    Column("caller_id", BigInteger, ForeignKey("callers.caller_id"), primary_key=True, autoincrement=False),
    big("opened_at_entry"),
    big("previous_entry", null=True),
    instant("seen_at"),
)
