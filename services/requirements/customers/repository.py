"""The only SQL about contacts and companies that goes one by one; many at once are in `references.py`."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, tuple_

from services.chassis.repository import Repository
from services.requirements.customers.rules import Sight, condition
from services.requirements.domain.segments import Rule
from services.requirements.models import Company, CompanyAlias, Contact, ContactAlias, Segment

Row = TypeVar("Row", bound=Company | Contact)


class CustomerRepository(Repository[Row], Generic[Row]):
    """What contacts and companies have in common: a handle, ids in several systems, and other names for both."""

    alias: ClassVar[Any]
    handle: ClassVar[str]

    def living(self) -> Select[Row]:
        """Those that were not merged into another."""
        return self.rows().where(self.model.merged_into_id.is_(None))

    def named(self, value: str, *, kind: str) -> ColumnElement[bool]:
        """Whether the handle (or the external id, for the kind `id`) or one of the other names is this."""
        column = self.model.external_id if kind == "id" else getattr(self.model, self.handle)
        aliases = select(self._owner).where(
            self.alias.workspace_id == self.workspace_id, self.alias.kind == kind, self.alias.value == value
        )
        return or_(column == value, self.model.id.in_(aliases))

    async def owners(self, handles: Iterable[str], ids: Iterable[tuple[str, str]]) -> set[UUID]:
        """Whose these handles and ids are, by whichever of their names."""
        handles, ids = list(handles), list(ids)
        model, alias = self.model, self.alias
        direct: Select[Any] = select(model.id).where(
            model.workspace_id == self.workspace_id,
            or_(getattr(model, self.handle).in_(handles), tuple_(model.source, model.external_id).in_(ids)),
        )
        other: Select[Any] = select(self._owner).where(
            alias.workspace_id == self.workspace_id,
            or_(
                (alias.kind == self.handle) & alias.value.in_(handles),
                (alias.kind == "id") & tuple_(alias.source, alias.value).in_(ids),
            ),
        )
        return {*(await self.session.scalars(direct)).all(), *(await self.session.scalars(other)).all()}

    def name_anew(self, row: Row, *, handles: Sequence[str] | None, ids: Sequence[tuple[str, str]] | None) -> None:
        """Replace its other names of either kind; None leaves them."""
        known = _by_name(row.aliases)
        kept_ids = [key for key in known if key[0] == "id"] if ids is None else [("id", *pair) for pair in ids]
        kept_handles = (
            [key for key in known if key[0] == self.handle]
            if handles is None
            else [(self.handle, "", handle) for handle in handles]
        )
        row.aliases = [
            known.get(key) or self.alias(workspace_id=self.workspace_id, kind=key[0], source=key[1], value=key[2])
            for key in sorted({*kept_ids, *kept_handles})
        ]

    @property
    def _owner(self) -> Any:
        return getattr(self.alias, f"{self.model.__tablename__}_id")


def _by_name(aliases: Sequence[Any]) -> dict[tuple[str, str, str], Any]:
    return {(each.kind, each.source, each.value): each for each in aliases}


class CompanyRepository(CustomerRepository[Company]):
    """Companies of one workspace."""

    model: ClassVar[Any] = Company
    alias: ClassVar[Any] = CompanyAlias
    handle: ClassVar[str] = "domain"

    def matching(self, *, domain: str | None, external_id: str | None, rule: Rule | None = None) -> Select[Company]:
        query = self.living()
        if domain is not None:
            query = query.where(self.named(domain, kind="domain"))
        if external_id is not None:
            query = query.where(self.named(external_id, kind="id"))
        if rule is not None:
            query = query.where(condition(rule, Sight()))
        return query


class ContactRepository(CustomerRepository[Contact]):
    """Contacts of one workspace."""

    model: ClassVar[Any] = Contact
    alias: ClassVar[Any] = ContactAlias
    handle: ClassVar[str] = "email"

    def matching(
        self, *, email: str | None, external_id: str | None, company_id: UUID | None, rule: Rule | None = None
    ) -> Select[Contact]:
        query = self.living()
        if email is not None:
            query = query.where(self.named(email, kind="email"))
        if external_id is not None:
            query = query.where(self.named(external_id, kind="id"))
        if company_id is not None:
            query = query.where(Contact.company_id == company_id)
        if rule is not None:
            same = (Company.workspace_id == Contact.workspace_id) & (Company.id == Contact.company_id)
            query = query.outerjoin(Company, same).where(condition(rule, Sight()))
        return query


class SegmentRepository(Repository[Segment]):
    """Segments of one workspace."""

    model: ClassVar[Any] = Segment

    def matching(self, *, subject: str | None) -> Select[Segment]:
        query = self.rows()
        return query if subject is None else query.where(Segment.subject == subject)

    async def is_named(self, name: str, *, other_than: UUID | None = None) -> bool:
        query = self.rows().where(Segment.name == name)
        if other_than is not None:
            query = query.where(Segment.id != other_than)
        return (await self.session.scalars(query.limit(1))).first() is not None
