"""Where a call comes from."""

import pytest

from gateway.identity.networks import NetworkNotAllowed, networks_of, place_of, require_within

OFFICE = networks_of(["203.0.113.0/24", "2001:db8::/32", "198.51.100.7/32"])


@pytest.mark.parametrize("address", ["203.0.113.255", "::ffff:203.0.113.9", "2001:db8:1::1", "198.51.100.7"])
def test_addresses_of_a_network_are_let_in(address):
    require_within(OFFICE, address)


@pytest.mark.parametrize("address", ["203.0.114.0", "2001:db9::1", "198.51.100.8", "unknown", "", "::ffff:10.0.0.1"])
def test_all_others_are_not(address):
    with pytest.raises(NetworkNotAllowed):
        require_within(OFFICE, address)


def test_without_networks_everywhere_is_fine():
    require_within((), "unknown")


def test_a_subscriber_of_ipv6_is_one_place():
    assert place_of("2001:db8:1:2:3::4") == place_of("2001:db8:1:2:ffff::") == "2001:db8:1:2::/64"
    assert place_of("2001:db8:1:3::") != place_of("2001:db8:1:2::")
    assert place_of("203.0.113.9") == "203.0.113.9"
