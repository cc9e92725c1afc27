"""Pages as trees of elements, strictly: what browsers would mend is a defect here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

WITHIN_A_LINE = {"a", "b", "br", "button", "label", "mark", "span", "strong", "sup"}
VOID = {"meta", "link", "input", "br", "hr", "img"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    children: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """As it is read, line breaks and repeated spaces being one space; a no-break space stays what it is."""
        return re.sub(r"[ \n]+", " ", "".join(self._texts())).strip(" ")

    @property
    def words(self) -> str:
        """As it is read, all spaces being plain."""
        return self.text.replace("\u00a0", " ").replace("\u202f", " ")

    @property
    def own_text(self) -> str:
        """Without that of elements within."""
        return "".join(child for child in self.children if isinstance(child, str)).strip()

    def all(self, tag: str = "", *, look: str = "", id_: str = "") -> list["Element"]:
        """Every element within, in order, of the tag, class and id that are given."""
        return [each for each in self._within() if each.is_(tag, look, id_)]

    def one(self, tag: str = "", *, look: str = "", id_: str = "") -> "Element":
        found = self.all(tag, look=look, id_=id_)
        assert len(found) == 1, f"{len(found)} of {tag} .{look} #{id_} in {self.tag}"
        return found[0]

    def is_(self, tag: str, look: str = "", id_: str = "") -> bool:
        looks = self.attributes.get("class", "").split()
        return tag in ("", self.tag) and (not look or look in looks) and id_ in ("", self.attributes.get("id"))

    def _within(self) -> Iterator["Element"]:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child._within()

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag in WITHIN_A_LINE:
                yield from child._texts()
            else:
                yield from (" ", *child._texts(), " ")


class _Parser(HTMLParser):
    """Builds the tree; a tag that is closed where another is open is a defect of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            last = self.open[-1].children[-1]
            assert isinstance(last, Element)
            self.open.append(last)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} has an attribute twice"
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parsed(html: str) -> Element:
    """The page as a tree. Every id in it is there once."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    assert len(parser.open) == 1, f"<{parser.open[-1].tag}> is not closed"
    ids = [each.attributes["id"] for each in parser.open[0].all() if "id" in each.attributes]
    assert len(ids) == len(set(ids)), ids
    return parser.open[0]
