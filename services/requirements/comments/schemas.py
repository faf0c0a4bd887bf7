"""What callers send and see of comments."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, StringConstraints

from services.chassis.types import Body, Patch, Resource, Text

Words = Annotated[Text, StringConstraints(min_length=1, max_length=10_000), AfterValidator(str.strip)]


class RequirementCommentCreate(Body):
    """What somebody has to say."""

    text: Words


class RequirementCommentUpdate(Patch):
    """The same in other words."""

    text: Words


class RequirementCommentRead(Resource):
    """What somebody said of a requirement."""

    requirement_id: UUID
    text: str
    author: str
