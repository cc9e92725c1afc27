"""Notices: what was done, or why nothing was, above everything else on a page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """headline and text, in words. tone: how it looks, `bad` for what was refused, `warn` for what to look at again.

    href leads to what it speaks of, behind the words of link, or as the button that action names.
    """

    headline: str
    text: str
    tone: str = ""
    href: str | None = None
    link: str | None = None
    action: str | None = None

    @property
    def alarms(self) -> bool:
        """Whether screen readers say it at once."""
        return bool(self.tone)
