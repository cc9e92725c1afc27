"""One portal, one spelling (A2)."""

import pytest

from app.domain.portals import portal_address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://discover.example.com", "https://discover.example.com"),
        ("https://discover.example.com/", "https://discover.example.com"),
        ("HTTPS://Discover.Example.COM", "https://discover.example.com"),
        ("https://discover.example.com:443/", "https://discover.example.com"),
        ("https://discover.example.com:8443/a/B/", "https://discover.example.com:8443/a/B"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://localhost:80", "http://localhost"),
        ("https://10.0.0.1", "https://10.0.0.1"),
        ("https://[::1]:8443/", "https://[::1]:8443"),
        ("https://[0:0:0:0:0:0:0:1]", "https://[::1]"),
        ("https://[::1:8443]", "https://[::1:8443]"),
        ("https://example.com/v1.2/a..b", "https://example.com/v1.2/a..b"),
    ],
)
def test_an_address_has_one_spelling_which_is_its_own(url: str, address: str) -> None:
    assert portal_address(url) == address
    assert portal_address(address) == address


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com", "ftp://example.com", "https://", "https:///path", "https://ho st", "https://.",
        "https://a..b", "https://-a.com", "https://a-.com", "https://h%00x", "https://host\\evil", "https://host/a/../b",
        "https://host/./b", "https://host//b", "https://user@host", "https://user:pass@host", "https://host?q", "https://host?",
        "https://host#f", "https://host:0x50", "https://host:99999", "https://host:", "https://[::1", "https://[::g]",
        "https://[fe80::1%25eth0]", "https://exämple.com", "https://host/\u00e9", "https://host/a\nb", " https://host",
        "javascript:alert(1)", "https://" + "a" * 64 + ".com", "https://example.com/" + "a" * 500,
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_portal_is_refused(url: str) -> None:
    assert portal_address(url) is None
