import pytest

from services.chassis.sealing import Sealer, Unsealable

SEALER = Sealer(b"key of the installation")


def test_what_was_sealed_is_opened_by_its_owner_alone() -> None:
    sealed = SEALER.seal("a secret", owner=b"one")
    assert b"secret" not in sealed
    assert SEALER.open(sealed, owner=b"one") == "a secret"
    for sealer, owner in ((SEALER, b"another"), (Sealer(b"another key"), b"one")):
        with pytest.raises(Unsealable):
            sealer.open(sealed, owner=owner)


def test_an_altered_byte_is_noticed_and_no_two_seals_are_alike() -> None:
    sealed = SEALER.seal("a secret", owner=b"one")
    assert sealed != SEALER.seal("a secret", owner=b"one")
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(Unsealable):
            SEALER.open(bytes(altered), owner=b"one")
