"""The firms of the demonstration and the people who act for them."""

from dataclasses import dataclass
from decimal import Decimal

from app.domain.languages import Language

PORTAL = "https://discover.example.com"


@dataclass(frozen=True, slots=True)
class Firm:
    """A customer. admin: who changes the plans of its cases. contract: for monthly invoicing (C7); None: there is none.

    tax: a share.
    """

    nuix_id: str
    name: str
    admin: str
    language: Language = Language.EN
    contract: str | None = None
    tax: Decimal = Decimal(0)


MARCHAND = Firm("1001", "Marchand & Lowe LLP", "Ruth Adeyemi", tax=Decimal("0.13"))
GAGNON = Firm("1002", "Gagnon Beaulieu avocats", "Amélie Gagnon", Language.FR, tax=Decimal("0.14975"))
HARBOUR = Firm("1003", "Harbour & Finch LLP", "Daniel Finch", contract="MI-2047", tax=Decimal("0.05"))

FIRMS = (MARCHAND, GAGNON, HARBOUR)
