"""Who reads a page: in which language and zone, at which moment, of which case."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from uuid import UUID

from app.adapters.languages import Words


@dataclass(frozen=True, slots=True)
class Reader:
    """What every figure of a page is told by. near: the way from the page to the case's pages, if it is shorter."""

    words: Words
    zone: tzinfo
    now: datetime
    case_uuid: UUID
    near: str | None = None

    @property
    def base(self) -> str:
        """Where the pages of the case are."""
        return f"/cases/{self.case_uuid}"

    @property
    def links(self) -> str:
        """How addresses of links to pages of the case begin; a page of receipts holds two hundred of them."""
        return f"{self.base}/" if self.near is None else self.near

    def local_date(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()

    def day(self, instant: datetime) -> str:
        """The day in the reader's zone, with the year where it is another."""
        day = self.local_date(instant)
        return self.words.short_day(day) if day.year == self._today.year else self.words.full_day(day)

    def weekday(self, day: date) -> str:
        """For a line of its own: "Today, November 21"."""
        told = self.words.day(day) if day.year == self._today.year else self.words.full_day(day)
        if day == self._today:
            return self.words.say("Today, %(day)s", day=told)
        return self.words.weekday(day) if day.year == self._today.year else told

    def time(self, instant: datetime) -> str:
        return self.words.clock(instant, self.zone)

    def moment(self, instant: datetime) -> str:
        """Day and time; of today the time alone."""
        time = self.time(instant)
        if self.local_date(instant) == self._today:
            return time
        return self.words.say("%(day)s, %(time)s", day=self.day(instant), time=time)

    @property
    def _today(self) -> date:
        return self.local_date(self.now)
