"""What waits for operators: every month's run, cards that did not work, people who ask for monthly invoices (C6-C8)."""

from functools import partial

from starlette.responses import Response

from app.services import operators
from app.services.invoicing_requests import finish_request
from app.web.invoicing_requests import told_details
from app.web.notices import Notice
from app.web.operators import Desk, Handler, see_other
from app.web.operators_views import invoice_name, month_name, purpose, run_waits
from app.web.sessions import OPERATORS


async def runs(desk: Desk) -> Response:
    """The state of each month's run."""
    words = desk.words
    return desk.page(
        "runs.html", tab="runs", found=await operators.read_desk(desk.ports),
        month_name=partial(month_name, words=words), waits=partial(run_waits, words=words),
    )  # fmt: skip


async def cards(desk: Desk) -> Response:
    """Declined cards, refunds, and payments that could not take effect."""
    words = desk.words
    return desk.page(
        "cards.html", tab="cards", found=await operators.read_collection(desk.ports),
        named=partial(invoice_name, words=words), purpose=partial(purpose, words=words),
    )  # fmt: skip


async def requests(desk: Desk) -> Response:
    """The work list of those who ask to be invoiced by the month (C7)."""
    words, notice = desk.words, None
    if desk.request.query_params.get("done") == "request":
        notice = Notice(words.say("Done."), words.say("The request is off the list."))
    return await _requests(desk, notice)


async def _requests(desk: Desk, notice: Notice | None, status: int = 200) -> Response:
    found = await operators.read_work_list(desk.ports)
    return desk.page(
        "requests.html", tab="requests", notice=notice, status=status, found=found,
        told=partial(told_details, words=desk.words),
    )  # fmt: skip


async def done(desk: Desk) -> Response:
    """Takes a request off the list, once."""
    if await finish_request(desk.ports, desk.viewer, desk.request.path_params["number"]) is None:
        return see_other(f"{OPERATORS}/requests?done=request#notice")
    words = desk.words
    notice = Notice(words.say("Nothing was changed."), words.say("This request is not on the list any more."), "warn")
    return await _requests(desk, notice, 409)


PAGES: tuple[tuple[str, Handler], ...] = (("", runs), ("/cards", cards), ("/requests", requests))
CHANGES: tuple[tuple[str, Handler], ...] = (("/requests/{number:int}/done", done),)
