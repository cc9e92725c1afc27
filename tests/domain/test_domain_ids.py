"""Ids: what is formatted is read back, and nothing else is read."""

from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from app.domain.ids import NodeId, parse_id

laws = settings(max_examples=300, derandomize=True, deadline=None)
HEX = "0123456789abcdef0123456789abcdef"
CASE = UUID(hex=HEX)

ids = st.builds(NodeId, st.sampled_from(["case", "org", "clock"]), st.uuids()) | st.builds(
    NodeId, st.sampled_from(["task", "entry", "event"]), st.uuids(), st.integers(1, 10**18 - 1)
)


def test_an_id_names_its_kind_its_case_and_its_number() -> None:
    assert str(NodeId("case", CASE)) == f"case_{HEX}"
    assert str(NodeId("org", CASE)) == f"org_{HEX}"
    assert str(NodeId("clock", CASE)) == f"clock_{HEX}"
    assert str(NodeId("task", CASE, 7)) == f"task_{HEX}_7"
    assert str(NodeId("entry", CASE, 10**18 - 1)) == f"entry_{HEX}_999999999999999999"


@laws
@given(ids)
def test_an_id_is_read_back_as_it_was_written(node: NodeId) -> None:
    assert parse_id(str(node)) == node


@pytest.mark.parametrize(
    "text",
    [
        "",
        "case",
        HEX,
        str(CASE),
        f"case_{CASE}",
        f"case_{HEX[:-1]}",
        f"case_{HEX}0",
        f"case_{HEX.upper()}",
        f"CASE_{HEX}",
        f" case_{HEX}",
        f"case_{HEX}\n",
        f"case_{HEX}_1",
        f"org_{HEX}_1",
        f"clock_{HEX}_1",
        f"event_{HEX}",
        f"task_{HEX}",
        f"task_{HEX}_",
        f"task_{HEX}_0",
        f"task_{HEX}_01",
        f"task_{HEX}_-1",
        f"task_{HEX}_+1",
        f"task_{HEX}_1_1",
        f"task_{HEX}_1.0",
        f"task_{HEX}_\u0661",
        f"task_{HEX}_1\n",
        f"task_{HEX}_{10**18}",
        f"invoice_{HEX}_1",
        f"task-{HEX}-1",
        f"task_{HEX[:-1]}\uff11_1",
        "case_" + "g" * 32,
    ],
)
def test_what_was_never_formatted_is_no_id(text: str) -> None:
    assert parse_id(text) is None


@laws
@given(ids, st.data())
def test_a_text_that_is_read_is_the_very_text_of_its_id(node: NodeId, data: st.DataObject) -> None:
    """Changes a character, adds one or takes one away: whatever still reads formats to the same text."""
    text = str(node)
    at = data.draw(st.integers(0, len(text)))
    taken = data.draw(st.integers(0, 2))
    put = data.draw(st.text(st.sampled_from("case_torgk0129afAF -\n\u0661é"), max_size=2))
    changed = text[:at] + put + text[at + taken :]
    read = parse_id(changed)
    assert read is None or str(read) == changed


@laws
@given(st.text(max_size=60))
def test_any_text_at_all_is_read_or_refused(text: str) -> None:
    read = parse_id(text)
    assert read is None or str(read) == text
