"""What the gateway's application takes from here: routes, the clients behind them, jobs to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self, TypeVar

from gateway.compositions.audit import sources as audit
from gateway.compositions.audit.routes import audit_router
from gateway.compositions.audit.service import AuditService
from gateway.compositions.privacy import clients as privacy
from gateway.compositions.privacy.routes import privacy_router
from gateway.compositions.privacy.service import OWNER_OF_CONTACTS, PrivacyService
from gateway.compositions.privacy.tasks import privacy_operations
from gateway.compositions.trace.clients import TraceClient
from gateway.compositions.trace.routes import trace_router
from gateway.compositions.trace.service import TraceService
from gateway.compositions.usage.clients import OwnUsage, UsageClient
from gateway.compositions.usage.routes import usage_router
from gateway.compositions.usage.service import UsageService
from services.chassis.context import ServiceContext
from services.chassis.http_client import ServiceClient
from services.chassis.jobs import Jobs
from services.chassis.privacy.holdings import PersonalData
from services.chassis.privacy.local import LocalPersonalData
from services.chassis.routing import Router

Client = TypeVar("Client", bound=ServiceClient)


@dataclass(frozen=True)
class Compositions:
    """What is put together of several services, and the clients that ask them."""

    audit: AuditService
    privacy: PrivacyService
    traces: TraceService
    usage: UsageService
    clients: tuple[ServiceClient, ...] = ()

    @classmethod
    def of(cls, context: ServiceContext, urls: Mapping[str, str], personal: PersonalData) -> Self:
        """Everything in place, in front of the services at these addresses."""

        def each(kind: Callable[..., Client], *, timeout_s: float = 5.0) -> dict[str, Client]:
            return {
                name: kind(url, audience=name, signer=context.signer, timeout_s=timeout_s) for name, url in urls.items()
            }

        traces, usage = each(TraceClient), each(UsageClient)
        chains = each(audit.AuditClient, timeout_s=audit.PATIENCE_S)
        # Patient, because tables are written anew.
        holders = each(privacy.PersonalDataClient, timeout_s=privacy.PATIENCE_S)
        return cls(
            audit=AuditService({context.name: audit.OwnAudit(context), **chains}),
            privacy=PrivacyService(
                {**holders, context.name: LocalPersonalData(context, personal)}, holders[OWNER_OF_CONTACTS]
            ),
            traces=TraceService(traces),
            usage=UsageService({context.name: OwnUsage(context), **usage}),
            clients=(*traces.values(), *usage.values(), *chains.values(), *holders.values()),
        )

    @classmethod
    def described(cls) -> Self:
        """Without the services behind: only to write the document of the routes."""
        return cls(AuditService({}), PrivacyService({}, None), TraceService({}), UsageService({}))

    @property
    def routers(self) -> list[Router]:
        return [
            trace_router(self.traces),
            audit_router(self.audit),
            usage_router(self.usage),
            privacy_router(self.privacy),
        ]

    @property
    def jobs(self) -> Jobs:
        return privacy_operations(self.privacy).jobs

    async def close(self) -> None:
        """Close the connections to the services."""
        for client in self.clients:
            await client.close()
