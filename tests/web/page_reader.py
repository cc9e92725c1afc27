"""The panel read as a person reads it: by what stands on the page, in the language of the page, and by its links.

Labels and ways of writing numbers are spelled out here once more, so that a page that swaps two of them is noticed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.web.page_elements import Element

EN, FR = "en", "fr"
GROUP = {EN: ",", FR: "\u00a0"}
DECIMAL = {EN: ".", FR: ","}
PERCENT = {EN: "%", FR: "\u00a0%"}
MINUS = "\u2212"
MONTHS = {
    EN: ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
         "November", "December"),
    FR: ("Janvier", "Février", "Mars", "Avril", "Mai", "Juin", "Juillet", "Août", "Septembre", "Octobre",
         "Novembre", "Décembre"),
}  # fmt: skip
CATEGORIES = {
    EN: ("Text scan", "Image scan", "Audio scan", "Video scan", "Multi-Code"),
    FR: ("Analyse de texte", "Analyse d’images", "Analyse audio", "Analyse vidéo", "Multi-Code"),
}
CATEGORY_NAMES = ("TEXT_SCAN", "IMAGE_SCAN", "AUDIO_SCAN", "VIDEO_SCAN", "MULTI_CODE")
COUNTS = {
    EN: ("Succeeded", "Failed", "Skipped", "Pending", "Reserved", "Charged", "Refunded", "Still held"),
    FR: ("Réussis", "En échec", "Ignorés", "En attente", "Réservés", "Imputés", "Remboursés", "Encore réservés"),
}
NEVER_RUN = {EN: "Never run", FR: "Jamais traités"}
STATUSES = {
    EN: {"Running": "RUNNING", "Completed": "COMPLETED", "Cancelled": "CANCELLED", "Abandoned": "ABANDONED"},
    FR: {"En cours": "RUNNING", "Terminée": "COMPLETED", "Annulée": "CANCELLED", "Abandonnée": "ABANDONED"},
}
UNLIMITED = {EN: "Unlimited", FR: "Illimité"}
NO_PLAN = {EN: "No plan yet", FR: "Aucun forfait"}
NOTHING_TO_ADD = {EN: "Nothing to add", FR: "Rien à ajouter"}
NONE = {EN: "None", FR: "Aucune"}
REFILL_NOTES = {
    EN: ("Next refill", "Cap and daily refill"),
    FR: ("Prochaine recharge", "Plafond et recharge quotidienne"),
}
OLDER = {EN: ("Older tasks", "Older entries"), FR: ("Tâches antérieures", "Écritures antérieures")}
LINES = {
    EN: ("Reserved", "Charged", "Still held", "Refunded"),
    FR: ("Réservés", "Imputés", "Encore réservés", "Remboursés"),
}


def amount(text: str, language: str) -> int:
    """A figure that stands alone, written as the language writes it and in no other way."""
    assert re.fullmatch(_number(language), text), f"{text!r} is not a number in {language}"
    return int(text.replace(GROUP[language], "").replace(MINUS, "-"))


def amounts(text: str, language: str) -> list[int]:
    """The figures within a sentence."""
    return [amount(found, language) for found in re.findall(rf"(?<!\d){_number(language)}(?!\d)", text)]


def tenths(text: str, language: str) -> int:
    """A share in tenths of a percent."""
    found = re.fullmatch(rf"(.+){re.escape(DECIMAL[language])}(\d){PERCENT[language]}", text)
    assert found is not None, f"{text!r} is not a share in {language}"
    return amount(found[1], language) * 10 + int(found[2])


def _number(language: str) -> str:
    return rf"[+{MINUS}]?\d{{1,3}}(?:{GROUP[language]}\d{{3}})*"


@dataclass(frozen=True)
class MonthFigures:
    """shares: tenths of a percent, in the order of by_category."""

    month: str
    total: int
    plan: int | None
    overage: int
    tier: str
    by_category: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class TaskFigures:
    """counts: succeeded, failed, skipped, pending, reserved, charged, refunded, held."""

    number: int
    status: str
    counts: tuple[int, ...]


@dataclass(frozen=True)
class EntryFigures:
    sequence: int
    balance_change: int | None
    balance_after: int | None
    held_change: int | None
    held_after: int


@dataclass(frozen=True)
class TankFigures:
    """running: tasks that hold tokens of the tank; where none does, all that run.

    refill: tokens that the next one would add; None: there is none. All None: there is no plan.
    """

    balance: int | None
    cap: int | None
    held: int
    running: int
    refill: int | None


@dataclass(frozen=True)
class ReceiptLine:
    """kind: reserved, charged, held, refunded, or part, which is why something came back."""

    kind: str
    label: tuple[int, ...]
    entries: tuple[int, ...]
    href: str | None
    tokens: int


@dataclass(frozen=True)
class Figures:
    """All figures of a case; months, tasks and entries newest first. tank None: it has no plan."""

    tank: TankFigures | None
    months: tuple[MonthFigures, ...]
    tasks: tuple[TaskFigures, ...]
    entries: tuple[EntryFigures, ...]


def read_tank(page: Element, language: str) -> TankFigures | None:
    """None: the case has no plan, or no longer."""
    hero = page.one("section", id_="hero")
    balance = hero.one("p", look="balance")
    figure = balance.one("strong").text
    if figure == NO_PLAN[language]:
        return None
    if not hero.all("dl", look="next"):
        assert figure == "0", "a case that was deactivated holds nothing"
        return None
    unlimited = figure == UNLIMITED[language]
    held = hero.one("ul", look="key").all("a")
    *held_tokens, running = amounts(held[0].text, language) if held else [0]
    note, value = hero.one("dl", look="next").one("dt"), NONE[language]
    assert note.own_text == REFILL_NOTES[language][unlimited], note.text
    if note.all("b"):
        value = note.one("b").text
    seen = TankFigures(
        balance=None if unlimited else amount(figure, language),
        cap=None if unlimited else amounts(balance.one("span").text, language)[0],
        held=held_tokens[0] if held_tokens else 0,
        running=running,
        refill=None
        if value == NONE[language]
        else 0
        if value == NOTHING_TO_ADD[language]
        else amounts(value, language)[0],
    )
    for gauge in hero.all("svg", look="gauge"):
        said = amounts(gauge.attributes["aria-label"], language)
        assert said == [seen.balance, seen.held, seen.cap], gauge.attributes["aria-label"]
    return seen


def read_month(page: Element, language: str) -> MonthFigures:
    """Also that its parts make its totals: categories and shares, the lines of the plan's ceiling, the donut."""
    section = page.one("section", id_="month")
    name, _, year = section.one("h2").text.partition("\u00a0")
    month = f"{year}-{MONTHS[language].index(name) + 1:02d}"
    figures = {name: section.one("details", id_=f"why-{name}").one("b").text for name in ("total", "plan", "overage")}
    total = amount(figures["total"], language)
    plan = None if figures["plan"] == UNLIMITED[language] else amount(figures["plan"], language)
    lines = [line.all("span")[-1] for line in section.one("details", id_="why-plan").all("span", look="line")]
    if plan is not None:
        *parts, most, _ = [amount(line.text, language) for line in lines]
        assert sum(parts) == most == plan, [line.text for line in lines]
    categories = list(_categories(section, language, total))
    drawn = section.one("figure").all("path")
    assert len(drawn) == len(categories)
    assert amount(section.one("figure").one("strong").text, language) == total
    overage = amount(figures["overage"], language)
    tier = section.one("details", id_="why-tier").one("b").text.upper()
    return MonthFigures(month, total, plan, overage, tier, tuple(categories))


def _categories(section: Element, language: str, total: int) -> Iterator[tuple[str, int]]:
    shares = 0
    for table in section.all("table"):
        for row in table.one("tbody").all("tr"):
            tokens, share = (cell.text for cell in row.all("td"))
            shown, used = tenths(share, language), amount(tokens, language)
            assert abs(shown - used * 1000 / total) < 1, row.text
            shares += shown
            yield CATEGORY_NAMES[CATEGORIES[language].index(row.one("a").text)], used
        assert shares == 1000
        tokens, share = (cell.text for cell in table.one("tfoot").all("td"))
        assert (amount(tokens, language), tenths(share, language)) == (total, 1000)


def read_counts(task: Element, language: str) -> tuple[int, ...]:
    """What stands in the two lists of a task's figures."""
    lists = task.all("dl", look="counts")
    labels = tuple(label.text for each in lists for label in each.all("dt"))
    assert labels == COUNTS[language] if labels[3] != NEVER_RUN[language] else labels[4:] == COUNTS[language][4:]
    return tuple(amount(figure.text, language) for each in lists for figure in each.all("dd"))


def read_task(page: Element, number: int, language: str) -> TaskFigures:
    """The page of a task."""
    live = page.one("section", id_="task").one("p", look="live").text
    return TaskFigures(
        number, STATUSES[language][live.split(",")[0]], read_counts(page.one(id_=f"t-{number}"), language)
    )


def read_list(page: Element, language: str) -> dict[int, tuple[int, ...]]:
    """Tasks on a page that lists them: all counts of a running one, charged and refunded of one that ended."""
    section = page.one("section", id_="tasks")
    listed = {_number_of(each): read_counts(each, language) for each in section.all("article")}
    for each in section.all("details", look="done"):
        listed[_number_of(each)] = tuple(
            amount(figure.own_text, language) for figure in each.one("summary").all("span", look="n")
        )
    return listed


def read_receipt(task: Element, language: str) -> list[ReceiptLine]:
    """Its lines in order; none for a task that is free."""
    kinds = dict(zip(LINES[language], ("reserved", "charged", "held", "refunded"), strict=True))
    lines = []
    for table in task.one("div", look="receipt").all("table"):
        for row in table.one("tbody").all("tr"):
            label = row.one("th").text
            entries, tokens = row.all("td")
            part = row.is_("tr", "part")
            links = entries.all("a")
            lines.append(
                ReceiptLine(
                    kind="part" if part else kinds[label.split(",")[0]],
                    label=tuple(amounts(label, language)),
                    entries=tuple(figure for link in links for figure in amounts(link.text, language)),
                    href=links[0].attributes["href"] if links else None,
                    tokens=amount(tokens.text, language),
                )
            )
    return lines


def read_entries(page: Element, language: str) -> list[EntryFigures]:
    """The rows of the statement."""
    rows = [
        row for row in page.one("section", look="ledger").all("tr") if row.attributes.get("id", "").startswith("e-")
    ]
    return [_entry(row, language) for row in rows]


def older(page: Element, language: str) -> str | None:
    """Where the link to older ones leads."""
    links = [link for link in page.all("a") if link.text in OLDER[language]]
    return links[0].attributes["href"] if links else None


def _number_of(task: Element) -> int:
    return int(task.attributes["id"].removeprefix("t-"))


def _entry(row: Element, language: str) -> EntryFigures:
    number, _, balance, held = row.all("td")
    sequence = amount(number.text, language)
    assert row.attributes["id"] == f"e-{sequence}"
    return EntryFigures(sequence, *_change(balance, language), *_change(held, language))  # type: ignore[arg-type]  # pairs of figures


def _change(cell: Element, language: str) -> tuple[int | None, int | None]:
    if cell.text == UNLIMITED[language].lower():
        return None, None
    return amount(cell.own_text, language), amount(cell.one("span").text, language)
