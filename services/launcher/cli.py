"""The command line `fullcircle`."""

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from services.launcher.errors import LauncherError

# What a command needs is imported inside it: `serve` starts four times on each start, and pays for each import.
app = typer.Typer(
    name="fullcircle",
    help="Fullcircle: from the customer's words to the measured outcome.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Service(StrEnum):
    """The four processes."""

    REQUIREMENTS = "requirements"
    ROADMAP = "roadmap"
    METRICS = "metrics"
    GATEWAY = "gateway"


class Role(StrEnum):
    """What a process does: answer requests, work through jobs and feeds, or both."""

    API = "api"
    WORKER = "worker"
    ALL = "all"


HomeOption = Annotated[Path | None, typer.Option("--home", help="Instead of FULLCIRCLE_HOME.", show_default=False)]
PortOption = Annotated[int | None, typer.Option("--port", help="Instead of FULLCIRCLE_PORT.", show_default=False)]


@app.command()
def up(home: HomeOption = None, port: PortOption = None) -> None:
    """Start PostgreSQL and the four processes here, and stay until Ctrl-C."""
    from services.launcher.home import Home, default_home
    from services.launcher.stack import wanted_port
    from services.launcher.up import up as run

    asyncio.run(run(home=Home(home or default_home()), port=port or wanted_port()))


@app.command()
def serve(
    service: Service,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    role: Annotated[Role, typer.Option(help="api answers, worker works, all does both.")] = Role.ALL,
) -> None:
    """Run one process in the foreground; its settings come from the environment."""
    from services.launcher.serve import serve as run

    run(service.value, host=host, port=port, role=role.value)


@app.command()
def migrate(
    service: Annotated[Service | None, typer.Argument(help="Only this one.", show_default=False)] = None,
    home: HomeOption = None,
) -> None:
    """Bring the databases, or that of one service, to the newest schema."""
    from services.launcher.home import Home, default_home
    from services.launcher.migrate import migrate as run

    run([service.value] if service else [each.value for each in Service], home=Home(home or default_home()))


def main() -> None:
    """Run the command; a failure that a person can mend is one sentence, not a stack trace."""
    try:
        app()
    except LauncherError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
