"""Forms of the plan's pages, filled in and sent as a browser without scripts does."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2

from tests.web.page_elements import Element, parsed
from tests.web.person import Person

OURS = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a form of one of our pages."""


@dataclass
class Sent:
    """What a form was answered with: away to another page, or a page."""

    answer: httpx2.Response

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def target(self) -> str:
        """Where it leads, after the case's own address."""
        assert self.status == 303, (self.status, self.answer.text[-1_000:])
        return self.answer.headers["location"].split("/", 3)[3]

    @property
    def page(self) -> Element:
        assert self.status != 303
        return parsed(self.answer.text)

    @property
    def notice(self) -> str:
        return notice(self.page)


def notice(page: Element) -> str:
    """What was done, or why nothing was."""
    return page.one("div", id_="notice").words


def fields(page: Element, action: str) -> dict[str, str]:
    """What the only form that is sent to the action holds; of radio buttons, the one that is chosen."""
    forms = [form for form in page.all("form") if form.attributes["method"] == "post"]
    (form,) = [form for form in forms if form.attributes["action"].endswith(action)]
    found = {}
    for each in form.all("input"):
        kind = each.attributes.get("type", "text")
        if kind == "hidden" or (kind == "radio" and "checked" in each.attributes):
            found[each.attributes["name"]] = each.attributes["value"]
    return found


async def send(person: Person, action: str, form: dict[str, str], *, language: str = "en", **headers: str) -> Sent:
    """The form, from one of our pages unless the headers say otherwise."""
    sent = {"Accept-Language": language, **OURS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Sent(await person.client.post(person.home + action, data=form, headers=sent))


async def previewed(person: Person, path: str, *, language: str = "en") -> tuple[Element, dict[str, str]]:
    """A preview, and the form that confirms it."""
    page = await person.read(path, language=language)
    return page, fields(page, urlsplit(path).path)


def amounts_of(page: Element) -> dict[str, str]:
    """The sums of a preview by what they are called."""
    rows = page.one("table", look="pay").one("tbody").all("tr")
    named = [(row.one("th").own_text or row.one("th").words, row.one("td").words) for row in rows]
    return {name.replace("\u00a0", " "): told for name, told in named}


def tokens_of(page: Element) -> list[str]:
    """Before, after, lost."""
    return [each.words for each in page.one("dl", look="three").all("dd")]


def events_of(page: Element) -> list[str]:
    """What happened to the plan, newest first."""
    return [row.all("td")[1].own_text for row in page.one("table", look="events").one("tbody").all("tr")]
