"""Figures that are looked up when Prometheus asks: the pool, the queue of jobs, what no reader has applied yet."""

from prometheus_client import Gauge
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from services.chassis.context import ServiceContext

POOL = Gauge("fullcircle_database_connections", "Connections of the pool.", ["service", "state"])
JOBS = Gauge("fullcircle_jobs", "Jobs by state; a job that is due and waits is `due`.", ["service", "state"])
OLDEST = Gauge("fullcircle_jobs_oldest_due_seconds", "How long the first job in line has been due.", ["service"])
UNNUMBERED = Gauge("fullcircle_feed_unnumbered_events", "Events without a position yet.", ["service"])
PARKED_NOW = Gauge("fullcircle_feed_parked_events", "Events set aside now.", ["service", "consumer"])

STATES = ("due", "scheduled", "doing", "failed")
# A job is asked for at the moment of its event `deferred`; one with a later time is due then.
QUEUE = text(
    """
    WITH job AS (
        SELECT j.status::text, coalesce(j.scheduled_at, d.at) AS due_at
        FROM procrastinate_jobs j
        LEFT JOIN procrastinate_events d ON d.job_id = j.id AND d.type = 'deferred'
        WHERE j.status IN ('todo', 'doing', 'failed')
    ), told AS (
        SELECT CASE WHEN status <> 'todo' THEN status WHEN due_at > now() THEN 'scheduled' ELSE 'due' END AS state,
               due_at
        FROM job
    )
    SELECT state, count(*) AS jobs, extract(epoch FROM now() - min(due_at)) AS waited FROM told GROUP BY state
    """
)
UNREAD = text("SELECT count(*) FROM event WHERE position IS NULL")
SET_ASIDE = text("SELECT cursor, count(*) AS events FROM parked_event GROUP BY cursor")


async def look(context: ServiceContext) -> None:
    """Bring the gauges up to date; what the database cannot tell just now keeps its last value."""
    pool = context.database.engine.sync_engine.pool
    if isinstance(pool, QueuePool):
        POOL.labels(context.name, "used").set(pool.checkedout())
        POOL.labels(context.name, "idle").set(pool.checkedin())
        POOL.labels(context.name, "most").set(pool.size())
    try:
        async with context.database.engine.connect() as connection:
            queue = {row.state: row for row in await connection.execute(QUEUE)}
            unread = await connection.scalar(UNREAD)
            parked = (await connection.execute(SET_ASIDE)).all()
    except (SQLAlchemyError, OSError):
        return
    for state in STATES:
        JOBS.labels(context.name, state).set(queue[state].jobs if state in queue else 0)
    OLDEST.labels(context.name).set(queue["due"].waited or 0 if "due" in queue else 0)
    UNNUMBERED.labels(context.name).set(unread or 0)
    PARKED_NOW.clear()
    for row in parked:
        PARKED_NOW.labels(context.name, row.cursor).set(row.events)
