"""What callers send and see of contacts and companies."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from services.chassis.types import (
    Body,
    DomainName,
    EmailAddress,
    ExternalId,
    Label,
    Metadata,
    MetadataPatch,
    Patch,
    Resource,
    Title,
    omitted,
)

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


class OtherId(Body):
    """Its id in another system."""

    source: Label
    external_id: ExternalId


OtherIds = Annotated[list[OtherId], Field(max_length=50, description="Its ids in other systems.")]
OtherDomains = Annotated[list[DomainName], Field(max_length=50, description="Its other domains.")]
OtherEmails = Annotated[list[Email], Field(max_length=50, description="Their other addresses.")]


class CompanyCreate(Body):
    """A company that you know of, before anybody there has said anything."""

    name: Title | None = None
    domain: DomainName | None = Field(default=None, examples=["example.com"])
    other_domains: OtherDomains = []
    source: Label = Field(default="api", description="The system that `external_id` is from.")
    external_id: ExternalId | None = None
    other_ids: OtherIds = []
    metadata: Metadata = {}

    @model_validator(mode="after")
    def _is_identified(self) -> Self:
        if self.name is None and self.domain is None and self.external_id is None:
            raise ValueError("say which company: name, domain or external_id")
        return self


class ContactCreate(Body):
    """A person that you know of."""

    name: Title | None = None
    email: Email | None = Field(default=None, examples=["ada@example.com"])
    other_emails: OtherEmails = []
    source: Label = Field(default="api", description="The system that `external_id` is from.")
    external_id: ExternalId | None = None
    other_ids: OtherIds = []
    company_id: UUID | None = None
    metadata: Metadata = {}

    @model_validator(mode="after")
    def _is_identified(self) -> Self:
        if self.name is None and self.email is None and self.external_id is None:
            raise ValueError("say who it is: name, email or external_id")
        return self


class CompanyUpdate(Patch):
    """What may change of a company."""

    name: Title | None = omitted()
    domain: DomainName | None = omitted()
    other_domains: OtherDomains = omitted()
    other_ids: OtherIds = omitted()
    metadata: MetadataPatch = omitted()


class ContactUpdate(Patch):
    """What may change of a contact."""

    name: Title | None = omitted()
    email: Email | None = omitted()
    other_emails: OtherEmails = omitted()
    other_ids: OtherIds = omitted()
    company_id: UUID | None = omitted()
    metadata: MetadataPatch = omitted()


class CompanyRead(Resource):
    """An organisation that customers belong to."""

    name: str | None
    domain: str | None
    other_domains: list[str]
    source: str
    external_id: str | None
    other_ids: list[OtherId]
    merged_into_id: UUID | None = Field(description="Who it is, if it was found to be the same as another one.")
    metadata: Metadata = Field(validation_alias="attributes")


class ContactRead(Resource):
    """A person whose words reached us."""

    name: str | None
    email: str | None
    other_emails: list[str]
    source: str
    external_id: str | None
    other_ids: list[OtherId]
    company_id: UUID | None
    merged_into_id: UUID | None = Field(description="Who it is, if it was found to be the same as another one.")
    metadata: Metadata = Field(validation_alias="attributes")
