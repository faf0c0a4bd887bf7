"""Where strategy and plan do not meet."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.roadmap.domain.coverage import Strategy, coverage

WHOLE = Strategy(
    needs=["need"],
    pains=[("need", "pain")],
    asked=[("pain", "requirement")],
    answered=[("requirement", "feature")],
    features={"feature": "planned"},
    differentiators=["claim"],
    claims=[("need", "claim")],
    supports=[("claim", "feature")],
    objectives=["objective"],
    served=[("objective", "feature")],
    funded=["feature"],
)


def test_a_whole_strategy_lacks_nothing() -> None:
    found = coverage(WHOLE)
    assert not any(vars(found).values())


def test_each_need_says_where_its_chain_breaks() -> None:
    broken = {
        "no_pain_point": replace(WHOLE, pains=[]),
        "no_requirement": replace(WHOLE, asked=[]),
        "no_feature": replace(WHOLE, answered=[]),
        "only_dropped": replace(WHOLE, features={"feature": "dropped"}),
    }
    for where, strategy in broken.items():
        assert coverage(strategy).needs_without_features == {"need": where}
    assert coverage(replace(WHOLE, features={})).needs_without_features == {"need": "only_dropped"}


def test_a_feature_is_needed_by_a_pain_or_by_a_claim_that_answers_a_need() -> None:
    unasked = replace(WHOLE, asked=[])
    assert coverage(unasked).features_without_need == {}
    unclaimed = replace(unasked, claims=[])
    assert coverage(unclaimed).features_without_need == {"feature": "no_pain_point"}
    assert coverage(replace(unclaimed, answered=[])).features_without_need == {"feature": "no_requirement"}
    assert coverage(replace(unclaimed, features={"feature": "shipped"})).features_without_need == {}


def test_a_differentiator_needs_a_feature_and_a_need() -> None:
    assert coverage(replace(WHOLE, supports=[])).differentiators_unsupported == {"claim": "no_feature"}
    assert coverage(replace(WHOLE, claims=[])).differentiators_unsupported == {"claim": "no_need"}
    gone = replace(WHOLE, features={"feature": "retired"})
    assert coverage(gone).differentiators_unsupported == {"claim": "only_dropped"}


def test_an_objective_is_funded_directly_or_by_what_pursues_it() -> None:
    unfunded = replace(WHOLE, funded=[])
    assert coverage(unfunded).objectives_unfunded == ("objective",)
    assert coverage(replace(unfunded, funded=["objective"])).objectives_unfunded == ()
    pursued = replace(unfunded, funded=["initiative"], pursued=[("objective", "initiative")])
    assert coverage(pursued).objectives_unfunded == ()
    assert coverage(replace(WHOLE, served=[])).objectives_without_features == ("objective",)


names = st.sampled_from("abcdef")
links = st.lists(st.tuples(names, names))
statuses = st.sampled_from(["proposed", "planned", "shipped", "dropped", "retired"])


@given(st.lists(names), links, links, links, st.dictionaries(names, statuses))
def test_dropping_a_feature_never_covers_a_need(
    needs: list[str],
    pains: list[tuple[str, str]],
    asked: list[tuple[str, str]],
    answered: list[tuple[str, str]],
    features: dict[str, str],
) -> None:
    """And a need is covered only when some feature that stands is reached from it link by link."""
    before = Strategy(needs=needs, pains=pains, asked=asked, answered=answered, features=features)
    after = replace(before, features=dict.fromkeys(features, "dropped"))
    assert coverage(before).needs_without_features.keys() <= coverage(after).needs_without_features.keys()
    assert coverage(after).needs_without_features.keys() == set(needs)
    for need in set(needs) - coverage(before).needs_without_features.keys():
        reached = {
            feature
            for start, pain in pains
            if start == need
            for held, requirement in asked
            if held == pain
            for known, feature in answered
            if known == requirement
        }
        assert any(features.get(each) not in {None, "dropped", "retired"} for each in reached)
