"""What becomes of links when the requirement that they stand for is gone."""

from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.trackers.repository import IssueLinkRepository
from services.roadmap.trackers.service import tell_link


async def end_links_to_nothing(work: UnitOfWork) -> None:
    """Removes each, and tells so; a feature's links go with the feature, of which the database knows."""
    links = IssueLinkRepository(work.session)
    for link in await links.to_nothing():
        version = link.version
        await links.remove(link)
        await tell_link(work, "issue_link.deleted", link, version=version + 1)
