"""Makes contacts and companies, and keeps them as people correct them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists, Conflict, FieldError, UnknownReference
from services.chassis.unit_of_work import Work
from services.requirements.customers.repository import CompanyRepository, ContactRepository, SegmentRepository
from services.requirements.customers.schemas import (
    CompanyCreate,
    CompanyUpdate,
    ContactCreate,
    ContactUpdate,
    OtherId,
)
from services.requirements.domain.segments import Rule, parse_rule
from services.requirements.models import Company, Contact

OTHERS = {"company": "other_domains", "contact": "other_emails"}


class MergedAway(Conflict):
    code, title = "merged_away", "This one was merged into another: change that one"


class CustomerService:
    """What callers do with contacts and companies; feedback makes those that it names by itself."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def companies(self) -> CompanyRepository:
        return CompanyRepository(self.work.session)

    @property
    def contacts(self) -> ContactRepository:
        return ContactRepository(self.work.session)

    async def create_company(self, new: CompanyCreate) -> Company:
        """Raises AlreadyExists for a domain or id that another company has."""
        company = Company(**_columns(new.fields(), "company"))
        await self._add(self.companies, company, new.other_domains, new.other_ids)
        return company

    async def create_contact(self, new: ContactCreate) -> Contact:
        """Raises AlreadyExists for an address or id that another contact has, UnknownReference for a company."""
        await self._require_company(new.company_id)
        contact = Contact(**_columns(new.fields(), "contact"))
        await self._add(self.contacts, contact, new.other_emails, new.other_ids)
        return contact

    async def update_company(self, company_id: UUID, change: CompanyUpdate, *, if_match: Precondition) -> Company:
        """Raises AlreadyExists, MergedAway."""
        company: Company = await self._change(self.companies, company_id, change.changes(), if_match=if_match)
        return company

    async def update_contact(self, contact_id: UUID, change: ContactUpdate, *, if_match: Precondition) -> Contact:
        """Raises AlreadyExists, MergedAway, UnknownReference when there is no such company."""
        changes = change.changes()
        await self._require_company(changes.get("company_id"))
        contact: Contact = await self._change(self.contacts, contact_id, changes, if_match=if_match)
        return contact

    async def rule_of(self, segment_id: UUID | None, *, subject: str) -> Rule | None:
        """The rule of a segment. Raises UnknownReference when there is none of this kind."""
        if segment_id is None:
            return None
        segment = await SegmentRepository(self.work.session).find(segment_id)
        if segment is None or segment.subject != subject:
            detail = f"There is no segment {segment_id} of the kind {subject}."
            raise UnknownReference(errors=[FieldError("query/segment_id", detail, "unknown")])
        return parse_rule(segment.rule)

    async def _require_company(self, company_id: UUID | None) -> None:
        if company_id is None:
            return
        company = await self.companies.find(company_id)
        if company is None or company.merged_into_id is not None:
            raise UnknownReference(errors=[FieldError("/company_id", f"There is no company {company_id}.", "unknown")])

    async def _add(self, rows: Any, row: Any, handles: Sequence[str], ids: Sequence[OtherId]) -> None:
        rows.name_anew(row, handles=handles, ids=_pairs(ids))
        await self._require_free(rows, row)
        await rows.add(row)
        await self._tell(f"{row.__tablename__}.created", row)

    async def _change(self, rows: Any, row_id: UUID, changes: dict[str, Any], *, if_match: Precondition) -> Any:
        row = await rows.get(row_id, lock=True)
        if_match.check(row)
        if row.merged_into_id is not None:
            raise MergedAway(kept_id=str(row.merged_into_id))
        others = OTHERS[row.__tablename__]
        if others in changes or "other_ids" in changes:
            ids = changes.get("other_ids")
            rows.name_anew(row, handles=changes.get(others), ids=None if ids is None else _pairs(ids))
            row.updated_at = self.work.clock.now()
        with self.work.session.no_autoflush:
            for name, value in _columns(changes, row.__tablename__).items():
                setattr(row, name, value)
            await self._require_free(rows, row)
        await self.work.session.flush()
        await self._tell(f"{row.__tablename__}.updated", row)
        return row

    async def _require_free(self, rows: Any, row: Any) -> None:
        """Raises AlreadyExists when another one has a name of this one's."""
        handle = getattr(row, rows.handle)
        handles = [each.value for each in row.aliases if each.kind == rows.handle] + ([handle] if handle else [])
        ids = [(each.source, each.value) for each in row.aliases if each.kind == "id"]
        ids += [(row.source, row.external_id)] if row.external_id is not None else []
        if len(set(handles)) < len(handles) or len(set(ids)) < len(ids):
            raise AlreadyExists("Each name stands once.")
        taken = await rows.owners(handles, ids) - {row.id}
        if taken:
            raise AlreadyExists(
                f"Another {row.__tablename__} has one of these names; merge the two if they are one.",
                taken_by=str(min(taken)),
            )

    async def _tell(self, kind: str, row: Company | Contact) -> None:
        await self.work.events.append(
            kind, subject_type=row.__tablename__, subject_id=row.id, version=row.version, data=customer_facts(row)
        )


def customer_facts(row: Company | Contact) -> dict[str, Any]:
    """What the feed tells of a company or a contact: who they are stays here."""
    return {"merged_into_id": row.merged_into_id}


def _pairs(ids: Sequence[OtherId]) -> list[tuple[str, str]]:
    return [(each.source, each.external_id) for each in ids]


def _columns(fields: dict[str, Any], subject: str) -> dict[str, Any]:
    """Without the other names, which are rows of their own."""
    own = {name: value for name, value in fields.items() if name not in {OTHERS[subject], "other_ids"}}
    return {"attributes" if name == "metadata" else name: value for name, value in own.items()}
