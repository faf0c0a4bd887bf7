"""Makes a release's own work packages from a template."""

from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.models import LaunchPackage, LaunchPackageNeed, Release, ReleaseTemplate
from services.roadmap.release_templates.schemas import TemplatePackage
from services.roadmap.teams.repository import TeamRepository


async def unfold(work: UnitOfWork, template: ReleaseTemplate, release: Release) -> None:
    """A team that has gone since the template was written is left out, its function stays."""
    packages = [TemplatePackage.model_validate(each) for each in template.work_packages]
    teams = await TeamRepository(work.session).by_ids({each.team_id for each in packages if each.team_id})
    ids = {each.key: work.ids() for each in packages}
    rows = [
        LaunchPackage(
            id=ids[each.key],
            release_id=release.id,
            title=each.title,
            function=each.function,
            team_id=each.team_id if each.team_id in teams else None,
            skill=each.skill,
            effort_days=each.effort_days,
            days_before_launch=each.days_before_launch,
            is_blocking=each.is_blocking,
            status="open",
        )
        for each in packages
    ]
    work.session.add_all(rows)
    await work.session.flush()
    work.session.add_all(
        LaunchPackageNeed(workspace_id=release.workspace_id, launch_package_id=ids[each.key], needs_package_id=ids[key])
        for each in packages
        for key in dict.fromkeys(each.needs)
    )
    await work.events.append_all(
        [
            work.events.new(
                "work_package.created",
                subject_type="work_package",
                subject_id=row.id,
                version=row.version,
                data={"release_id": release.id, "function": row.function, "team_id": row.team_id, "status": "open"},
            )
            for row in rows
        ]
    )
