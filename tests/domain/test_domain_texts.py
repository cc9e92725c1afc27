"""Texts that callers send (K1)."""

import pytest
from hypothesis import given, settings, strategies as st

from app.domain.refusals import Flaw, InvalidInput
from app.domain.texts import check_key, check_text, unstorable

laws = settings(max_examples=200, derandomize=True, deadline=None)


@pytest.mark.parametrize("text", ["x", " x ", "x" * 255, "😀" * 255, "Roe v. Doe\n", "\x01", "\ufffe", "\ue000"])
def test_a_text_of_1_to_255_characters_is_taken(text: str) -> None:
    assert check_text("name", text) is None


@pytest.mark.parametrize("text", ["", " ", "\t\n", "\u00a0\u2003", "x" * 256, "😀" * 256])
def test_a_text_that_is_blank_or_too_long_is_refused(text: str) -> None:
    assert check_text("name", text) == InvalidInput("name", Flaw.TEXT_LENGTH, {"longest": 255})


def test_nul_and_halves_of_surrogate_pairs_are_refused() -> None:
    """Two halves that would make a pair are no character either."""
    for text in ("\x00", "a\x00", "\x00b", "\ud800", "a\udbffb", "\udc00", "\udfff", "\ud83d\ude00"):
        assert unstorable(text)
        assert check_text("name", text) == InvalidInput("name", Flaw.TEXT_CHARACTERS)


@pytest.mark.parametrize(
    ("key", "flaw"),
    [
        ("k", None),
        ("k" * 255, None),
        ("", InvalidInput("idempotencyKey", Flaw.KEY_LENGTH, {"longest": 255})),
        (" ", None),
        ("k" * 256, InvalidInput("idempotencyKey", Flaw.KEY_LENGTH, {"longest": 255})),
        ("k\x00", InvalidInput("idempotencyKey", Flaw.TEXT_CHARACTERS)),
    ],
)
def test_an_idempotency_key_has_1_to_255_characters(key: str, flaw: InvalidInput | None) -> None:
    assert check_key(key) == flaw


@laws
@given(st.text(st.characters(exclude_categories=()) | st.sampled_from("\x00\ud800\udfff"), max_size=10))
def test_what_is_storable_is_what_utf_8_and_the_database_can_carry(text: str) -> None:
    try:
        carried = b"\x00" not in text.encode("utf-8")
    except UnicodeEncodeError:
        carried = False
    assert unstorable(text) is not carried
