"""One service in this process, under uvicorn."""

import os
from typing import Literal

import uvicorn

Role = Literal["api", "worker", "all"]
GRACE_S = 10
KEEP_ALIVE_S = 75


def factory_of(service: str) -> str:
    """The import path of a service's application factory."""
    package = "gateway" if service == "gateway" else f"services.{service}"
    return f"{package}.app:create_app"


def serve(service: str, *, host: str, port: int, role: Role = "all") -> None:
    """Serve until SIGTERM: then take no new connection, finish what runs, and close what the application holds open.

    Connections are kept alive longer than any client of ours keeps them, so that it is the client who closes and no
    request meets a connection that is just going away.
    """
    os.environ["FULLCIRCLE_ROLE"] = role
    uvicorn.run(
        factory_of(service),
        factory=True,
        host=host,
        port=port,
        loop="uvloop",
        http="gateway.server:EdgeProtocol" if service == "gateway" else "httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # Behind a proxy of one's own uvicorn's variable names whom to believe; without it nobody is believed.
        proxy_headers=bool(os.environ.get("FORWARDED_ALLOW_IPS")),
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
