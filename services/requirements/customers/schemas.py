"""What callers send and see of contacts and companies."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from services.chassis.types import Body, DomainName, EmailAddress, ExternalId, Metadata, Patch, Resource, Title, omitted

Email = Annotated[EmailAddress, AfterValidator(str.lower)]
"""Lower case: the part after the @ knows no case, and before it no mail system in use tells cases apart."""


class CompanyReference(Body):
    """A company by your own id or by its domain; it is made when there is none yet."""

    external_id: ExternalId | None = Field(default=None, description="Your id for it, unique within `source`.")
    domain: DomainName | None = Field(default=None, examples=["example.com"])
    name: Title | None = None

    @model_validator(mode="after")
    def _is_identified(self) -> Self:
        if self.external_id is None and self.domain is None:
            raise ValueError("say which company: external_id or domain")
        return self


class ContactReference(Body):
    """A person by your own id or by e-mail address; made when there is none yet, completed when there is."""

    external_id: ExternalId | None = Field(default=None, description="Your id for them, unique within `source`.")
    email: Email | None = Field(default=None, examples=["ada@example.com"])
    name: Title | None = None

    @model_validator(mode="after")
    def _is_identified(self) -> Self:
        if self.external_id is None and self.email is None:
            raise ValueError("say who it is: external_id or email")
        return self


class CompanyUpdate(Patch):
    """What may change of a company."""

    name: Title | None = omitted()
    domain: DomainName | None = omitted()
    metadata: Metadata = omitted()


class ContactUpdate(Patch):
    """What may change of a contact."""

    name: Title | None = omitted()
    email: Email | None = omitted()
    company_id: UUID | None = omitted()
    metadata: Metadata = omitted()


class CompanyRead(Resource):
    """An organisation that customers belong to."""

    name: str | None
    domain: str | None
    source: str
    external_id: str | None
    metadata: Metadata = Field(validation_alias="attributes")


class ContactRead(Resource):
    """A person whose words reached us."""

    name: str | None
    email: str | None
    source: str
    external_id: str | None
    company_id: UUID | None
    metadata: Metadata = Field(validation_alias="attributes")
