"""Keys: their form, their checksum, and what a slip of the pen does to them."""

import re
import zlib

from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.key_format import ALPHABET, KEY_PATTERN, checksum, digest_of, is_well_formed, make_key


@given(st.sampled_from(["live", "test", "pub"]))
def test_a_new_key_is_well_formed(kind):
    key = make_key(kind)
    assert re.fullmatch(KEY_PATTERN, key)
    assert is_well_formed(key.encode())
    assert key.startswith(f"fc_{kind}_")


@given(st.integers(min_value=8, max_value=43), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(place, character):
    key = make_key("live")
    wrong = key[:place] + character + key[place + 1 :]
    assert is_well_formed(wrong.encode()) == (wrong == key)


@given(st.binary(max_size=80))
def test_noise_is_no_key(noise):
    assert not is_well_formed(noise)


@given(st.binary(max_size=64))
def test_the_checksum_is_crc32_in_base62(body):
    number = 0
    for character in checksum(body):
        number = number * 62 + ALPHABET.index(character)
    assert number == zlib.crc32(body)


def test_the_digest_depends_on_the_pepper():
    assert digest_of(b"key", pepper=b"a") != digest_of(b"key", pepper=b"b")
    assert len(digest_of(b"key", pepper=b"a")) == 32
