"""What callers send and see of release templates."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from services.chassis.types import Body, Flag, Label, Patch, Prose, Reading, Real, Resource, Title, omitted
from services.roadmap.domain.readiness import PackageCycle, require_acyclic_packages

Key = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$"), Field(description="How others name it here.")
]
DaysBefore = Annotated[int, Field(strict=True, ge=0, le=730, description="Due so many days before the launch.")]
PackageDays = Annotated[Real, Field(ge=0, le=10_000, description="Person-days.")]
IsBlocking = Annotated[Flag, Field(description="Whether the launch waits for it.")]
FunctionName = Annotated[
    Label, Field(description="Whose work it is: engineering, design, marketing, sales, legal, ...")
]


class TemplatePackage(Body):
    key: Key
    title: Title
    function: FunctionName
    team_id: UUID | None = Field(default=None, description="The team that usually does it.")
    skill: Label | None = None
    effort_days: PackageDays = 0.0
    days_before_launch: DaysBefore = 0
    is_blocking: IsBlocking = True
    needs: Annotated[list[Key], Field(max_length=50)] = Field(
        default=[], description="Keys of what must be done first."
    )


TemplatePackages = Annotated[list[TemplatePackage], Field(min_length=1, max_length=200)]


class _Packages(Body):
    @model_validator(mode="after")
    def _hang_together(self) -> Self:
        packages: list[TemplatePackage] = getattr(self, "work_packages", None) or []
        needs = {each.key: each.needs for each in packages}
        if len(needs) < len(packages):
            raise ValueError("give each work package a key of its own")
        if unknown := sorted({key for keys in needs.values() for key in keys} - needs.keys()):
            raise ValueError(f"no work package has the key {unknown[0]}")
        try:
            require_acyclic_packages(needs)
        except PackageCycle as circle:
            raise ValueError(f"these wait for one another in a circle: {' -> '.join(circle.cycle)}") from None
        return self


class ReleaseTemplateCreate(_Packages):
    name: Title
    description: Prose = ""
    work_packages: TemplatePackages | None = Field(
        default=None, description="What there is to do; what a launch usually needs, unless given."
    )


class ReleaseTemplateUpdate(_Packages, Patch):
    name: Title = omitted()
    description: Prose = omitted()
    work_packages: TemplatePackages = omitted()


class TemplatePackageRead(Reading):
    key: str
    title: str
    function: str
    team_id: UUID | None
    skill: str | None
    effort_days: float
    days_before_launch: int
    is_blocking: bool
    needs: list[str]


class ReleaseTemplateRead(Resource):
    name: str
    description: str
    work_packages: list[TemplatePackageRead]
