"""The cases of the demonstration, and what became of them in the year before the first start."""

from dataclasses import dataclass
from uuid import UUID

from app.domain.cases import PaymentMethod
from app.domain.plans import PlanTier
from app.domain.subscriptions import ChangeOrigin
from app.runtime.demonstration.deeds import (
    Activated,
    Bought,
    Deactivated,
    Deed,
    DowngradeScheduled,
    OverageAllowed,
    Upgraded,
)
from app.runtime.demonstration.firms import GAGNON, HARBOUR, MARCHAND, Firm
from app.runtime.demonstration.work import (
    BRIDGE,
    CONTROL_ROOM,
    DISPATCH,
    EXAMEN,
    FIRST_LEVEL,
    MEMBERS,
    PLANT,
    PREMIER_NIVEAU,
    REVIEW,
    Work,
)

STARTER, PRO, BUSINESS, ENTERPRISE = PlanTier
_MONTHLY = PaymentMethod.MONTHLY_INVOICE


@dataclass(frozen=True, slots=True)
class Story:
    """What happened in a case. Days count from the first of the history; a day off stands for the working day after it.

    letters: what the ids of its documents begin with. people: whose documents they are. pace: tasks on an ordinary
    working day. productions: days on which documents are due. rush: that of one that takes all tokens there are, and
    more. quiet_from: little is done from then on. declined_from: the first renewal from then on has its card declined.
    """

    letters: str
    people: tuple[str, ...]
    work: tuple[Work, ...]
    pace: float
    deeds: tuple[tuple[int, Deed], ...]
    productions: tuple[int, ...] = ()
    rush: int | None = None
    quiet_from: int | None = None
    declined_from: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A case that is known."""

    uuid: UUID
    name: str
    firm: Firm


@dataclass(frozen=True, slots=True)
class Lived(Known):
    """A case with a history."""

    story: Story


def _uuid(number: int) -> UUID:
    return UUID(f"6f1c2a54-0d5e-4c27-9a51-3f1f5f2f7a{number:02d}")


_OKAFOR = Story(
    "OKA",
    ("N. Okafor", "Capt. R. Haldane", "M. Saint-Laurent", "P. Vasquez", "the harbour pilot"),
    FIRST_LEVEL + REVIEW + BRIDGE,
    1.05,
    (
        (12, Activated(PRO)),
        (73, Bought(2_000)),
        (145, OverageAllowed()),
        (200, Upgraded(BUSINESS)),
        (214, DowngradeScheduled(PRO)),
    ),
    productions=(76, 151, 222, 301),
    rush=151,
    quiet_from=349,
)
_TREMBLAY = Story(
    "TRE",
    ("G. Tremblay", "L. Nadeau", "S. Ouellet", "J. Fortin", "É. Boréale"),
    EXAMEN + CONTROL_ROOM,
    0.8,
    ((19, Activated(BUSINESS)), (96, OverageAllowed())),
    productions=(104, 196, 286, 352),
)
_HARROW = Story(
    "HAR",
    ("D. Mbeki", "the trustees", "F. Lindgren"),
    MEMBERS,
    0.55,
    ((33, Activated(STARTER)), (118, Bought(500)), (201, Bought(1_000)), (290, Bought(1_000))),
    productions=(90, 240),
    declined_from=332,
)
_CASTELLAN = Story(
    "CAS",
    ("A. Castellan", "the plant manager", "R. Osei", "K. Brandt", "quality assurance"),
    PLANT,
    0.85,
    ((128, Activated(BUSINESS)), (141, Upgraded(ENTERPRISE))),
    productions=(205, 297),
)
_DELACROIX = Story(
    "DEL",
    ("H. Delacroix", "the executor", "S. Amari"),
    FIRST_LEVEL + REVIEW,
    0.55,
    ((6, Activated(PRO)), (213, Deactivated())),
    productions=(58, 170),
)
_WHITCOMBE = Story(
    "WHI",
    ("E. Whitcombe", "the dispatcher", "T. Kowalczyk", "J. Redcloud", "track maintenance"),
    REVIEW + DISPATCH,
    0.85,
    ((3, Activated(BUSINESS, _MONTHLY)), (31, OverageAllowed())),
    productions=(64, 172, 331),
)
_BAPTISTE = Story(
    "BAP",
    ("M. Baptiste", "human resources", "C. Nguyen", "the night shift", "P. Singh"),
    FIRST_LEVEL + REVIEW,
    1.15,
    ((47, Activated(PRO, _MONTHLY)), (88, OverageAllowed())),
    productions=(131, 254),
    rush=254,
)
_MERROW = Story(
    "MER",
    ("I. Merrow", "the inventors", "B. Halloran"),
    FIRST_LEVEL + REVIEW,
    0.5,
    ((72, Activated(STARTER, _MONTHLY)), (113, Upgraded(PRO, ChangeOrigin.PROMPT))),
    productions=(180, 320),
)
_BELANGER = Story(
    "BEL",
    ("R. Bélanger", "M. Roy", "la liquidatrice"),
    PREMIER_NIVEAU + EXAMEN,
    0.45,
    ((54, Activated(PRO)), (262, DowngradeScheduled(STARTER)), (318, Bought(1_000))),
    productions=(140, 230),
)

LIVED = (
    Lived(_uuid(1), "Okafor v. Saint-Laurent Shipping", MARCHAND, _OKAFOR),
    Lived(_uuid(2), "Tremblay c. Énergie Boréale", GAGNON, _TREMBLAY),
    Lived(_uuid(3), "In re Harrow Pension Plan", MARCHAND, _HARROW),
    Lived(_uuid(4), "Castellan Foods Recall", MARCHAND, _CASTELLAN),
    Lived(_uuid(6), "Estate of Delacroix", MARCHAND, _DELACROIX),
    Lived(_uuid(7), "Whitcombe v. Tidewater Rail", HARBOUR, _WHITCOMBE),
    Lived(_uuid(8), "Baptiste Employment Class Action", HARBOUR, _BAPTISTE),
    Lived(_uuid(9), "Merrow Patent Licensing", HARBOUR, _MERROW),
    Lived(_uuid(10), "Succession Bélanger-Roy", GAGNON, _BELANGER),
)

NEVER_ACTIVATED = (Known(_uuid(5), "Lindqvist v. Aurora Mining", MARCHAND),)

FIRST = LIVED[0]
"""The case that `make run` leads to, and where the present of the demonstration is scanned."""
