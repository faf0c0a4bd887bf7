"""The toy service in a process that dies when told to, after the commit and before a byte of the answer has left.

`python -m tests.faults.lost_answer_process URL` prints its port.
"""

import os
import signal
import socket
import sys

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.integration.chassis.toy import toy_app


def deadly(app: ASGIApp) -> ASGIApp:
    """Kills its own process at the start of the answer to a request that asks for it."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_or_die(message: Message) -> None:
            if message["type"] == "http.response.start" and (b"x-die", b"1") in scope["headers"]:
                os.kill(os.getpid(), signal.SIGKILL)
            await send(message)

        await app(scope, receive, send_or_die)

    return run


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(deadly(toy_app(sys.argv[1])), lifespan="on", log_config=None)
    print(listener.getsockname()[1], flush=True)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
