"""`fullcircle workspace`: list workspaces, carry one from one installation to another."""

import asyncio
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from services.launcher.keys_cli import HomeOption

app = typer.Typer(help="List workspaces, and carry one to another installation.", no_args_is_help=True)


@app.command("list")
def list_workspaces(home: HomeOption = None) -> None:
    """Show the workspaces."""
    from services.launcher import keys
    from services.launcher.home import Home, default_home

    for each in asyncio.run(keys.workspaces(Home(home or default_home()))):
        typer.echo(f"{each.id}  {each.kind}  {each.name}")


@app.command("export")
def export_workspace(
    workspace: Annotated[UUID, typer.Argument(help="The id that `workspace list` shows.")],
    target: Annotated[Path, typer.Argument(help="The file to write; packed when its name ends in .gz.")],
    home: HomeOption = None,
) -> None:
    """Write one workspace to a file of JSON lines, while everything runs."""
    from services.launcher.home import Home, default_home
    from services.launcher.moving import export_workspace as run

    moved = asyncio.run(run(Home(home or default_home()), workspace, target))
    typer.echo(f"Wrote {moved.rows} rows of {moved.name} to {target}")


@app.command("import")
def import_workspace(
    source: Annotated[Path, typer.Argument(help="A file that `workspace export` wrote.", exists=True)],
    home: HomeOption = None,
) -> None:
    """Read a workspace into this installation, which must not have it."""
    from services.launcher.home import Home, default_home
    from services.launcher.moving import import_workspace as run

    moved = asyncio.run(run(Home(home or default_home()), source))
    typer.echo(f"Read {moved.rows} rows of {moved.name}, workspace {moved.workspace_id}")
    if not moved.is_at_home:
        typer.echo("It comes from another installation: its keys are revoked, and its webhooks disabled.")
        typer.echo(f"Make a key: fullcircle keys create --workspace {moved.workspace_id}")
