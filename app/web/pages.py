"""Rendering: templates in the reader's language, with headers that allow nothing from elsewhere."""

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from app.adapters.languages import accepted_language, words
from app.domain.languages import Language

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}


@lru_cache
def _templates(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(say=words(language).say, lang=language.value.replace("_", "-"))
    return environment


def page(request: Request, name: str, **values: object) -> HTMLResponse:
    """A page in the language that the reader's browser prefers (E1)."""
    language = accepted_language(request.headers.get("accept-language"))
    return HTMLResponse(_templates(language).get_template(name).render(values), headers=HEADERS)
