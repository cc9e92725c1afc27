"""What is agreed with an organization, as it is typed (C6, C7)."""

from decimal import Decimal

import pytest

from app.domain.contracts import contract_id_of, percent_of, tax_of_percent, tax_of_share


@pytest.mark.parametrize(("typed", "rate"), [("0.14975", "0.14975"), (".05", "0.05"), (" 0.2 ", "0.2"), ("0", "0")])
def test_a_tax_rate_is_a_share(typed: str, rate: str) -> None:
    assert tax_of_share(typed) == Decimal(rate)


@pytest.mark.parametrize("typed", ["", "1", "14.975", "-0.1", "0.149751", "0,15", "1e-2", "nan", "\u0660"])
def test_what_is_no_share_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="share"):
        tax_of_share(typed)


@pytest.mark.parametrize(
    ("typed", "rate"),
    [("14.975", "0.14975"), ("14,975 %", "0.14975"), ("5", "0.05"), ("0", "0"), ("99.999", "0.99999")],
)
def test_percent_are_typed_in_either_language(typed: str, rate: str) -> None:
    assert tax_of_percent(typed) == Decimal(rate)


@pytest.mark.parametrize("typed", ["", "100", "-1", "14.9755", "1,000.5", "x", "%"])
def test_what_is_no_percentage_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="percent"):
        tax_of_percent(typed)


@pytest.mark.parametrize(
    ("rate", "percent"), [("0.14975", "14.975"), ("0.20000", "20"), ("0.00000", "0"), ("0.00001", "0.001")]
)
def test_percent_have_no_more_places_than_they_need(rate: str, percent: str) -> None:
    assert percent_of(Decimal(rate)) == percent


def test_a_contract_id_is_kept_without_white_space_around_it_or_left_out() -> None:
    assert contract_id_of("  NX-1 2 ") == "NX-1 2"
    assert contract_id_of("   ") is None
    for flawed in ("x" * 256, "a\nb", "a\x00b"):
        with pytest.raises(ValueError, match="contract id"):
            contract_id_of(flawed)
