"""Constrained types: what is taken as it is, and what is refused."""

import pytest
from pydantic import TypeAdapter, ValidationError

from services.chassis.types import WebUrl

ADDRESS: TypeAdapter[str] = TypeAdapter(WebUrl)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "http://[2001:db8::1]:8080/path",
        "https://example.com/list?ids[]=1#top",
        "https://user@example.com:443/\u00fc",
        "http://m\u00fcller.example/",
    ],
)
def test_addresses_that_can_be_read_are_taken(url: str) -> None:
    assert ADDRESS.validate_python(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://[",
        "http://[::1",
        "https://[nobody]/",
        "http://a]b/",
        "https://:80/",
        "https:///path",
        "https://example.com:port/",
        "https://example.com:99999/",
        "ftp://example.com",
    ],
)
def test_what_only_looks_like_an_address_is_refused(url: str) -> None:
    """A program that reads it back would stumble: a reader of our answers did."""
    with pytest.raises(ValidationError):
        ADDRESS.validate_python(url)
