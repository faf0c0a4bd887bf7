"""Route /v1/trace."""

from uuid import UUID

from gateway.compositions.trace.schemas import ChainLink, ChainNode, ChainRead
from gateway.compositions.trace.service import Trace, TraceService
from services.chassis.identity import ANY_CALLER
from services.chassis.routing import Router
from services.chassis.unit_of_work import Me


def trace_router(traces: TraceService) -> Router:
    """`GET /v1/trace/{any_id}`, composed by this service."""
    router = Router(prefix="/v1/trace", tags=["Trace"])

    @router.get("/{any_id}", scope=ANY_CALLER, unit_of_work=False)
    async def get_trace(any_id: UUID, me: Me) -> ChainRead:
        """Trace anything to its causes and its consequences.

        Give the id of a piece of feedback, a theme, a requirement, a feature, an outcome or anything between: the
        answer is the whole chain through it, from the customers' quotes to the measured verdict. You see the parts
        that your scopes let you read; a service that is down is named in `unavailable`.
        """
        return _shown(await traces.trace(any_id, by=me))

    return router


def _shown(trace: Trace) -> ChainRead:
    chain = trace.chain
    nodes = [
        ChainNode(
            id=node.id,
            type=node.type,
            label=node.label,
            service=chain.sources[node.id],
            direction=chain.direction(node.id),
            at=node.at,
            facts=node.facts,
        )
        for node in chain.story()
    ]
    links = [ChainLink(from_id=edge.from_id, to_id=edge.to_id, kind=edge.kind) for edge in chain.links()]
    return ChainRead(
        id=chain.start,
        nodes=nodes,
        links=links,
        is_truncated=chain.is_truncated,
        unavailable=sorted(trace.unavailable),
    )
