"""One line pays for each feature."""

from services.roadmap.domain.payers import Claim, payers


def test_the_nearest_claim_wins_then_the_first_line() -> None:
    claims = [
        Claim("growth", by_objective={"checklist", "reminders", "export"}),
        Claim("quality", by_initiative={"export", "reminders"}),
        Claim("late", named={"reminders"}, by_objective={"checklist"}),
    ]
    assert payers(claims) == {"checklist": "growth", "reminders": "late", "export": "quality"}
    assert payers([]) == {}
