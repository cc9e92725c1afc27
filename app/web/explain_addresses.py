"""Where figures are explained."""

from app.domain.explanations import Figure
from app.web.addresses import address

FIGURES = {figure.lower().replace("_", "-"): figure for figure in Figure}
"""As they are named in addresses."""

_NAMES = {figure: name for name, figure in FIGURES.items()}


def explain_address(links: str, figure: Figure, **asked: object | None) -> str:
    """links: as those of a reader begin. asked: the month, cycle, invoice or line that the figure is of."""
    return address(f"{links}explain/{_NAMES[figure]}", asked)
