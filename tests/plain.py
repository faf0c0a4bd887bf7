"""What clients of plain HTTP need of TLS: nothing."""

import ssl

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""As `verify`: trusts nobody. Else each client reads the machine's authorities: a twentieth of the tests' time."""
