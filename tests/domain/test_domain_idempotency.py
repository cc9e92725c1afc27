"""Digests of requests (K1)."""

from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from app.domain.idempotency import request
from app.domain.rates import ScanMode, TaskKind

laws = settings(max_examples=300, derandomize=True, deadline=None)
texts = st.text(st.characters(exclude_categories=()), max_size=4) | st.text("0123456789:=", max_size=6)
parts = st.lists(st.none() | texts, max_size=4)


def digest(*values: object) -> UUID:
    """Of an input."""
    return request(1, "createTask", "key", values).input


@laws
@given(parts, parts)
def test_two_different_inputs_never_have_one_digest(one: list[str | None], other: list[str | None]) -> None:
    assert (digest(*one) == digest(*other)) == (one == other)


@laws
@given(st.text(min_size=1, max_size=12), st.data())
def test_where_a_text_is_cut_makes_a_difference(text: str, data: st.DataObject) -> None:
    """No list of parts runs together to the bytes of another."""
    cuts = st.integers(0, len(text))
    one, other = data.draw(cuts), data.draw(cuts)
    assert (digest(text[:one], text[one:]) == digest(text[:other], text[other:])) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((), (None,)),
        ((), ("",)),
        (("",), (None,)),
        (("None",), (None,)),
        ((None,), (None, None)),
        (("ab", "c"), ("a", "bc")),
        (("a", "b"), ("b", "a")),
        (("a2:=b",), ("a", "b")),
        (("=",), ("",)),
        ((1, 11), (11, 1)),
        (("\ud800",), ("\udc00",)),
        (("\ud83d\ude00",), ("😀",)),
        (("é",), ("e\u0301",)),
    ],
)
def test_inputs_that_look_alike_have_digests_of_their_own(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    assert digest(*one) != digest(*other)


@laws
@given(st.lists(texts, min_size=1, max_size=5), st.data())
def test_a_change_in_any_part_changes_the_digest(values: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(values) - 1))
    changed = [*values[:place], data.draw(texts.filter(lambda text: text != values[place])), *values[place + 1 :]]
    assert digest(*changed) != digest(*values)


def test_a_key_is_unique_per_caller_and_mutation() -> None:
    keys = [
        request(caller, mutation, key, ()).key
        for caller in (1, 11)
        for mutation in ("createTask", "finishTask")
        for key in ("k", "1k", "K")
    ]
    assert len(set(keys)) == len(keys)


def test_the_key_and_the_input_are_digested_apart() -> None:
    """The same input under two keys is one input; one key with two inputs is one key."""
    first, second = request(1, "createTask", "a", (1,)), request(1, "createTask", "b", (1,))
    third = request(1, "createTask", "a", (2,))
    assert (first.input, first.key) == (second.input, third.key)
    assert (first.key, first.input) != (second.key, third.input)
    assert first.key != second.key
    assert first.input != third.input


def test_a_digest_stays_what_it_was() -> None:
    """Digests are stored as long as their effect: another way to make them would break every replay."""
    made = request(7, "createTask", "scan-1", (TaskKind.SCAN, ScanMode.AUTO, 300, None, "Élan"))
    assert made.key == UUID("ec2ff6e7-eaf2-1a79-1414-0c4310039090")
    assert made.input == UUID("e638cf7b-6eed-b153-140d-961425eb5a01")
