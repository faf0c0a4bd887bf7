"""What admins send and see of API keys."""

from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator

from gateway.identity.types import KeyKind, Networks, Origins, ScopeName
from services.chassis.identity import FORM_SCOPE, Role
from services.chassis.types import Body, Patch, Resource, Timestamp, Title, Whole, omitted

KIND = (
    f"`secret` is for programs of your own. `form` (`fc_pub_...`) may stand in a web page: it submits forms "
    f"(`{FORM_SCOPE}`) and can do nothing else."
)


class ApiKeyCreate(Body):
    name: Title
    kind: Annotated[KeyKind, Field(description=KIND)] = "secret"
    role: Role = "contributor"
    scopes: Annotated[
        list[ScopeName], Field(max_length=20, description="Narrows what the role allows; empty: all that it allows.")
    ] = []
    allowed_origins: Origins = []
    allowed_networks: Networks = []
    expires_at: Annotated[Timestamp | None, Field(description="From then on the key is refused.")] = None

    @model_validator(mode="after")
    def _forms_only(self) -> Self:
        if self.kind == "form":
            if self.role != "contributor" or self.scopes not in ([], [FORM_SCOPE]):
                raise ValueError(f"a form key has the role contributor and the scope {FORM_SCOPE}: leave both out")
            self.scopes = [FORM_SCOPE]
        return self


class ApiKeyUpdate(Patch):
    name: Title = omitted()
    allowed_origins: Origins = omitted()
    allowed_networks: Networks = omitted()


class ApiKeyRotate(Body):
    overlap_hours: Annotated[Whole, Field(ge=0, le=168, description="How long the old key still works.")] = 24


class ApiKeyRead(Resource):
    name: str
    hint: str = Field(description="The last four characters of the key, to recognise it by.")
    kind: KeyKind = Field(description=KIND)
    role: Role
    scopes: list[str]
    allowed_origins: list[str]
    allowed_networks: list[str] = Field(description="From elsewhere the key is refused; empty: from anywhere.")
    created_by: str
    expires_at: Timestamp | None
    revoked_at: Timestamp | None
    rotated_to: UUID | None = Field(description="The key that takes this one's place.")
    last_used_at: Timestamp | None = Field(description="Written every few seconds, not with each request.")


class ApiKeyCreated(ApiKeyRead):
    key: str | None = Field(
        description="The key itself, shown this once: it is stored nowhere. A replay under the same Idempotency-Key "
        "answers null here.",
        examples=["fc_live_..."],
    )

    shown_once: ClassVar[frozenset[str]] = frozenset({"key"})
