"""How the two languages write numbers, shares, days and zones (E1), and the slices of the donut."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from math import dist
from zoneinfo import ZoneInfo, available_timezones

import pytest
from babel.numbers import format_decimal, format_percent
from hypothesis import given, settings, strategies as st

from app.adapters.charts import SIZE, donut
from app.adapters.languages import Words, words
from app.domain.cycles import EASTERN, Month
from app.domain.languages import Language
from app.domain.tasks import MOST_TOKENS

laws = settings(max_examples=300, derandomize=True, deadline=None)
EN, FR = words(Language.EN), words(Language.FR)
LANGUAGES = st.sampled_from(Language)
WINTER, SUMMER = datetime(2026, 3, 3, 15, tzinfo=UTC), datetime(2026, 7, 3, 15, tzinfo=UTC)
VANCOUVER = ZoneInfo("America/Vancouver")


@laws
@given(LANGUAGES, st.integers(-(10**7), 10**7) | st.integers(-MOST_TOKENS, MOST_TOKENS))
def test_whole_numbers_are_written_as_babel_does(language: Language, number: int) -> None:
    """Except the sign, which is a minus, not a hyphen."""
    sign = "\N{MINUS SIGN}" if number < 0 else ""
    assert words(language).number(number) == sign + format_decimal(abs(number), locale=language.value)


@laws
@given(LANGUAGES, st.integers())
def test_a_change_has_its_sign_and_nothing_has_none(language: Language, number: int) -> None:
    own = words(language)
    plus = "+" if number > 0 else ""
    assert own.signed(number) == plus + own.number(number)


@laws
@given(LANGUAGES, st.integers(0, 1_000))
def test_shares_are_written_as_babel_does(language: Language, tenths: int) -> None:
    pattern = {Language.EN: "#,##0.0%", Language.FR: "#,##0.0\u00a0%"}[language]
    share = format_percent(Decimal(tenths) / 1000, format=pattern, locale=language.value)
    assert words(language).percent(tenths) == share


FIRST = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (EN, ["March\u00a01,\u00a02026", "March\u00a01", "Mar\u00a01", "Sunday, March\u00a01"]),
        (FR, ["1er\u00a0mars\u00a02026", "1er\u00a0mars", "1er\u00a0mars", "Dimanche 1er\u00a0mars"]),
    ],
)
def test_days_are_told_in_every_length(language: Words, told: list[str]) -> None:
    ways = (language.full_day, language.day, language.short_day, language.weekday)
    assert [way(FIRST) for way in ways] == told


def test_a_span_of_days_holds_its_first_and_its_last() -> None:
    last = date(2027, 1, 31)
    assert EN.days(date(2026, 12, 9), last) == "Dec\u00a09\N{EN DASH}Jan\u00a031"
    assert FR.days(date(2026, 12, 9), last) == "9\u00a0déc.\N{EN DASH}31\u00a0janv."


@pytest.mark.parametrize(
    ("month", "english", "french"),
    [(Month(2026, 3), "March\u00a02026", "mars\u00a02026"), (Month(2026, 8), "August\u00a02026", "août\u00a02026")],
)
def test_months_are_told_in_full(month: Month, english: str, french: str) -> None:
    assert (EN.month(month), FR.month(month)) == (english, french)


@pytest.mark.parametrize(
    ("zone", "instant", "english", "french"),
    [
        (EASTERN, WINTER, "10:00\u202fa.m.", "10\u00a0h\u00a000"),
        (EASTERN, SUMMER, "11:00\u202fa.m.", "11\u00a0h\u00a000"),
        (VANCOUVER, WINTER, "7:00\u202fa.m.", "07\u00a0h\u00a000"),
        (UTC, datetime(2026, 3, 3, 0, 5, tzinfo=UTC), "12:05\u202fa.m.", "00\u00a0h\u00a005"),
    ],
)
def test_times_of_day_are_those_of_the_zone(zone: tzinfo, instant: datetime, english: str, french: str) -> None:
    said = [language.clock(instant, zone).replace(" ", "\u00a0") for language in (EN, FR)]
    assert said == [english, french]
    assert [language.wall(instant.astimezone(zone).time()) for language in (EN, FR)] == said


@pytest.mark.parametrize(
    ("zone", "instant", "english", "french"),
    [
        (EASTERN, WINTER, ("Eastern Standard Time", "EST"), ("heure normale de l\u2019Est", "HNE")),
        (EASTERN, SUMMER, ("Eastern Daylight Saving Time", "EDT"), ("heure avancée de l\u2019Est", "HAE")),
        (VANCOUVER, WINTER, ("Pacific Standard Time", "PST"), ("heure normale du Pacifique", "HNP")),
        (ZoneInfo("Asia/Kolkata"), WINTER, ("GMT+05:30", "GMT+05:30"), ("UTC+05:30", "UTC+05:30")),
        (ZoneInfo("Etc/GMT+5"), WINTER, ("GMT-05:00", "GMT-05:00"), ("UTC-05:00", "UTC-05:00")),
        (timezone(timedelta(hours=3)), WINTER, ("GMT+03:00", "GMT+03:00"), ("UTC+03:00", "UTC+03:00")),
    ],
)
def test_a_zone_is_told_by_name_or_by_its_offset(
    zone: tzinfo, instant: datetime, english: tuple[str, str], french: tuple[str, str]
) -> None:
    assert (EN.zone_name(zone, instant), EN.zone(zone, instant)) == english
    assert (FR.zone_name(zone, instant), FR.zone(zone, instant)) == french


@pytest.mark.parametrize("language", [EN, FR], ids=["en", "fr"])
def test_no_zone_of_a_browser_is_without_a_name(language: Words) -> None:
    for name in available_timezones():
        zone = ZoneInfo(name)
        assert language.zone_name(zone, WINTER).strip(), name
        assert language.zone(zone, WINTER).strip(), name


# ------------------------------------------------------------------------------------------------------- the donut

WIDTH_OF_A_HAIR = 2.5
"""In a square of SIZE: what is narrower is not seen."""


SLICE = re.compile(
    r"M([\d.]+ [\d.]+) A[\d. ]+ 0 [01] 1 ([\d.]+ [\d.]+) L([\d.]+ [\d.]+) A[\d. ]+ 0 [01] 0 ([\d.]+ [\d.]+) z"
)


def corners(path: str) -> list[tuple[float, float]]:
    """Where a slice begins and ends, outside and inside."""
    drawn = SLICE.fullmatch(path)
    assert drawn is not None, path
    points = [group.split() for group in drawn.groups()]
    return [(float(x), float(y)) for x, y in points]


@settings(laws, max_examples=60)
@given(st.lists(st.integers(1, 10**12) | st.integers(1, 9), min_size=1, max_size=6).map(tuple))
def test_each_part_is_one_slice_that_begins_where_the_last_one_ended(parts: tuple[int, ...]) -> None:
    """Nothing but a path: no style, no script, no text of anybody's."""
    slices = [corners(path) for path in donut(parts)]
    assert len(slices) == len(parts)
    assert slices[0][0] == pytest.approx((SIZE / 2, SIZE * 0.05))
    for here, there in zip(slices, [*slices[1:], slices[0]], strict=True):
        assert here[1] == pytest.approx(there[0], abs=0.01)
        assert here[2] == pytest.approx(there[3], abs=0.01)


@pytest.mark.parametrize("parts", [(10**15, 1), (1, 10**15), (10**9, 1, 10**9), (10**15, 1, 1, 1, 1, 1)])
def test_a_tiny_part_can_be_seen(parts: tuple[int, ...]) -> None:
    for begin, end, *_ in map(corners, donut(parts)):
        assert dist(begin, end) > WIDTH_OF_A_HAIR


def test_a_single_part_is_the_whole_ring() -> None:
    [path] = donut((5,))
    begin, end, *_ = corners(path)
    assert dist(begin, end) < 0.01
    assert re.search(r"A[\d. ]+ 0 1 1 ", path)  # the long way round


def test_equal_parts_are_drawn_equal() -> None:
    chords = [dist(begin, end) for begin, end, *_ in map(corners, donut((7, 7, 7)))]
    assert chords == pytest.approx([chords[0]] * 3, abs=0.01)
