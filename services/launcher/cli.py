"""The command line `fullcircle`."""

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from services.launcher.errors import LauncherError
from services.launcher.keys_cli import HomeOption
from services.launcher.keys_cli import app as keys_app
from services.launcher.workspace_cli import app as workspace_app

# What a command needs is imported inside it: `serve` starts four times on each start, and pays for each import.
app = typer.Typer(
    name="fullcircle",
    help="Fullcircle: from the customer's words to the measured outcome.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(keys_app, name="keys")
app.add_typer(workspace_app, name="workspace")


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


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="A file, or a directory to make one in.")] = Path("."),
    home: HomeOption = None,
) -> None:
    """Write the four databases and the secrets to one file, while everything runs."""
    from services.launcher.backup import back_up
    from services.launcher.home import Home, default_home

    typer.echo(asyncio.run(back_up(Home(home or default_home()), target)))


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A file that `fullcircle backup` wrote.", exists=True)],
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of the data that is there.")] = False,
    home: HomeOption = None,
) -> None:
    """Bring back a backup; the stack must be stopped."""
    from services.launcher.home import Home, default_home
    from services.launcher.restore import restore as run

    asyncio.run(run(Home(home or default_home()), source, may_replace=replace))
    typer.echo(f"Restored from {source}")


@app.command()
def doctor(home: HomeOption = None, port: PortOption = None) -> None:
    """Say what is wrong here, and what to do about it."""
    from services.launcher.doctor import examine
    from services.launcher.home import Home, default_home
    from services.launcher.stack import wanted_port

    is_well = True
    for finding in asyncio.run(examine(Home(home or default_home()), port=port or wanted_port())):
        is_well = is_well and finding.is_well
        typer.echo(f"{'ok   ' if finding.is_well else 'WRONG'} {finding.what}")
        if not finding.is_well:
            typer.echo(f"      {finding.remedy}")
    raise typer.Exit(0 if is_well else 1)


@app.command()
def demo(
    url: Annotated[str | None, typer.Option(help="A stack that runs; without it, one of its own.")] = None,
    key: Annotated[str | None, typer.Option(envvar="FULLCIRCLE_KEY", help="An admin key for it.")] = None,
) -> None:
    """Walk the whole loop through the API, and tell the story; the exit code says whether each step held."""
    from rich.console import Console

    from services.launcher.demo.run import demonstrate

    if url and not key:
        raise typer.BadParameter("with --url, give --key too")
    raise typer.Exit(0 if asyncio.run(demonstrate(url=url, key=key, console=Console())) else 1)


@app.command()
def openapi() -> None:
    """Write docs/openapi again: the document of each process, and the one made of all."""
    from services.launcher.openapi import write_documents

    changed = write_documents()
    typer.echo("\n".join(f"wrote {path}" for path in changed) or "docs/openapi is up to date")


def main() -> None:
    """Run the command; a failure that a person can mend is one sentence, not a stack trace."""
    try:
        app()
    except LauncherError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
