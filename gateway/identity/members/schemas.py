"""What admins send and see of members."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from services.chassis.identity import Role
from services.chassis.types import Body, EmailAddress, Patch, Resource, Text, Timestamp, omitted

# Providers do not agree about capitals in an address; two members whose addresses differ by them would be one person.
Email = Annotated[EmailAddress, AfterValidator(str.lower)]
PersonName = Annotated[Text, StringConstraints(max_length=200, strip_whitespace=True)]
# OpenID Connect Core, section 2: a URL, and at most 255 characters of ASCII.
Issuer = Annotated[str, StringConstraints(max_length=500, pattern=r"^https?://[!-~]{1,490}$")]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[ -~]+$")]


class MemberCreate(Body):
    role: Role
    email: Annotated[
        Email | None,
        Field(description="Who signs in first with this address, verified by their provider, is this member."),
    ] = None
    issuer: Annotated[Issuer | None, Field(description="With `subject`: the provider, as its tokens name it.")] = None
    subject: Annotated[
        Subject | None, Field(description="With `issuer`: the person, where tokens carry no e-mail address.")
    ] = None
    name: PersonName = ""

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if (self.issuer is None) != (self.subject is None):
            raise ValueError("issuer and subject belong together")
        if self.email is None and self.subject is None:
            raise ValueError("say who it is: email, or issuer and subject")
        return self


class MemberUpdate(Patch):
    role: Role = omitted()
    name: PersonName = omitted()


class MemberRead(Resource):
    email: str | None
    issuer: str | None
    subject: str | None
    name: str
    role: Role
    state: Literal["invited", "active"] = Field(description="`invited` until they sign in for the first time.")
    invited_by: str
    joined_at: Timestamp | None
    last_seen_at: Timestamp | None = Field(description="Written every few seconds, not with each request.")
