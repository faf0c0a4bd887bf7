"""What callers send and see of products."""

from typing import Literal

from pydantic import Field

from services.chassis.types import Body, Metadata, MetadataPatch, Patch, Prose, Resource, Title, omitted

ProductStage = Literal["idea", "introduction", "growth", "maturity", "decline", "retired"]


class ProductCreate(Body):
    name: Title
    description: Prose = ""
    stage: ProductStage = "idea"
    metadata: Metadata = {}


class ProductUpdate(Patch):
    name: Title = omitted()
    description: Prose = omitted()
    stage: ProductStage = omitted()
    metadata: MetadataPatch = omitted()


class ProductRead(Resource):
    name: str
    description: str
    stage: ProductStage = Field(description="Where it stands in its life cycle.")
    metadata: dict[str, str] = Field(validation_alias="attributes")
