"""`fullcircle keys`: make, list and revoke API keys, also when nobody is left who could ask over HTTP."""

import asyncio
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

HomeOption = Annotated[Path | None, typer.Option("--home", help="Instead of FULLCIRCLE_HOME.", show_default=False)]

app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)


class Role(StrEnum):
    """What a key may do; narrower still with --scope."""

    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    PLANNER = "planner"
    ADMIN = "admin"


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What the key is for.")] = "From the command line",
    role: Annotated[Role, typer.Option(help="The role it acts in.")] = Role.ADMIN,
    scope: Annotated[list[str] | None, typer.Option(help="Only these scopes of the role; repeat it.")] = None,
    workspace: Annotated[UUID | None, typer.Option(help="Needed when there are several.", show_default=False)] = None,
    days: Annotated[int | None, typer.Option(help="Expires after so many days.", min=1, show_default=False)] = None,
    home: HomeOption = None,
) -> None:
    """Make a key and show it: this once."""
    from services.launcher import keys
    from services.launcher.home import Home, default_home

    issued = asyncio.run(
        keys.create(
            Home(home or default_home()),
            name=name,
            role=role.value,
            scopes=scope or [],
            workspace_id=workspace,
            days=days,
        )
    )
    typer.echo(f"Key {issued.key_id} for workspace {issued.workspace_name} as {issued.role}; it is not shown again:")
    typer.echo(issued.key)


@app.command("list")
def list_keys(home: HomeOption = None) -> None:
    """Show all keys, as far as they can be shown."""
    from services.launcher import keys
    from services.launcher.home import Home, default_home

    for key in asyncio.run(keys.everything(Home(home or default_home()))):
        state = f"revoked {_day(key.revoked_at)}" if key.revoked_at else f"expires {_day(key.expires_at)}"
        columns = (str(key.key_id), key.hint, key.role, f"used {_day(key.last_used_at)}", state, key.workspace_name)
        typer.echo("  ".join((*columns, key.name)))


@app.command()
def revoke(
    key: Annotated[UUID, typer.Argument(help="The id that `keys list` shows.")], home: HomeOption = None
) -> None:
    """Refuse a key from now on."""
    from services.launcher import keys
    from services.launcher.home import Home, default_home

    asyncio.run(keys.revoke(Home(home or default_home()), key))
    typer.echo(f"Key {key} is revoked")


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "never"
