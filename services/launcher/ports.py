"""Free ports on loopback."""

import random
import socket

HOST = "127.0.0.1"
# Below the ports that kernels lend to outgoing connections (32768 on Linux, 49152 on macOS): one of ours, on its way to
# a neighbour, could otherwise sit on the port of a service that is just being restarted.
CANDIDATES = range(20_000, 32_000)


def is_free(port: int, host: str = HOST) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
        return True


def free_port() -> int:
    """A port nobody listens on, chosen at random so that stacks starting together do not choose alike."""
    chooser = random.SystemRandom()
    while not is_free(port := chooser.choice(CANDIDATES)):
        continue
    return port
