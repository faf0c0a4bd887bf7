"""The constrained types of keys and workspaces."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from services.chassis.identity import SCOPES, expand_scopes

WILDCARDS = tuple(dict.fromkeys(f"{scope.split(':')[0]}:*" for scope in SCOPES))


def _known_scope(scope: str) -> str:
    expand_scopes([scope])
    return scope


ScopeName = Annotated[str, AfterValidator(_known_scope), Field(json_schema_extra={"enum": [*SCOPES, *WILDCARDS]})]
Origin = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[a-z0-9.-]{1,253}(:[0-9]{1,5})?$"),
    Field(description="Scheme, host and port, as a browser sends it.", examples=["https://app.example.com"]),
]
Origins = Annotated[list[Origin], Field(max_length=50)]
