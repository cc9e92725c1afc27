"""Rendering: templates in the reader's language and zone, with headers that allow nothing from elsewhere."""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from app.adapters.languages import Words, accepted_language, capitalized, words
from app.domain.cycles import EASTERN, REFILL_TIME, eastern_date
from app.domain.languages import Language

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
STATIC = Path(__file__).parent / "static"

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors "
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with none at all, browsers would leave out the Origin of our forms on http
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie, HX-Request",
}
ZONE_COOKIE = "zone"

_BLOCKS = (
    "article|caption|d[dlt]|details|div|figure|footer|h[1-6]|header|li|main|p|section|summary|table|t[dhr]|tbody|tfoot|"
    "thead|ul"
)
_INDENTATION = re.compile(rf"\s+(?=</?(?:{_BLOCKS})[ >])|(?<=\n)\s+")
"""For those who write templates: no browser shows white space before a block, or more than one of it anywhere."""


@lru_cache
def asset(name: str) -> str:
    """The address of one of our files, another one whenever its content is, so that browsers may keep it."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


@lru_cache
def _templates(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    own = words(language)
    environment.globals.update(
        w=own,
        say=own.say,
        count=own.count,
        number=own.number,
        signed=own.signed,
        capitalized=capitalized,
        lang=language.value.replace("_", "-"),
        asset=asset,
        refill_time=REFILL_TIME,
        eastern_date=eastern_date,
    )
    return environment


def reader_language(request: Request) -> Language:
    """The language that a browser prefers, for pages before anybody signed in (E1)."""
    return accepted_language(request.headers.get("accept-language"))


def reader_words(request: Request) -> Words:
    """What `reader_language` is said in."""
    return words(reader_language(request))


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name[:64])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return EASTERN


def reader_zone(request: Request) -> ZoneInfo:
    """The zone that the panel's script found in the browser; Eastern until then."""
    return _zone(request.cookies.get(ZONE_COOKIE, EASTERN.key))


def page(
    request: Request,
    name: str,
    *,
    language: Language | None = None,
    status: int = 200,
    framed_by: str = "'none'",
    blocks: Sequence[str] = (),
    **values: object,
) -> HTMLResponse:
    """A page. language None: what the browser prefers. framed_by: sources that may show it in a frame.

    blocks: only these of the template, for a request that replaces parts of a page that is already there.
    """
    template = _templates(language or reader_language(request)).get_template(name)
    values = {"path": request.url.path, "zone": reader_zone(request), **values}
    if blocks:
        context = template.new_context(values)
        text = "".join(part for block in blocks for part in template.blocks[block](context))
    else:
        text = template.render(values)
    text = _INDENTATION.sub("", text)
    return HTMLResponse(text, status, headers={**HEADERS, "Content-Security-Policy": POLICY + framed_by})
