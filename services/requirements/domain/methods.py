"""The published ways to score a requirement from its own inputs, each with its source."""

from collections.abc import Mapping

from services.requirements.domain.scoring import LEAST_EFFORT, Input, Method, Term

AMOUNT = 1e12
EFFORT = Input("effort", LEAST_EFFORT, 1e6)

RICE = Method(
    name="rice",
    source="Sean McBride, RICE: Simple prioritization for product managers, Intercom 2018",
    inputs=(Input("reach", 0, AMOUNT), Input("impact", 0, 3), Input("confidence", 0, 1), EFFORT),
    terms=(
        Term(
            ("reach", "impact", "confidence", "effort"),
            lambda given: given["reach"] * given["impact"] * given["confidence"] / given["effort"],
        ),
    ),
)

ICE = Method(
    name="ice",
    source="Sean Ellis and Morgan Brown, Hacking Growth, 2017: each rated from 1 to 10, the score is their average",
    inputs=(Input("impact_rating", 1, 10), Input("confidence_rating", 1, 10), Input("ease_rating", 1, 10)),
    terms=(
        Term(("impact_rating",), lambda given: given["impact_rating"] / 3),
        Term(("confidence_rating",), lambda given: given["confidence_rating"] / 3),
        Term(("ease_rating",), lambda given: given["ease_rating"] / 3),
    ),
)

WSJF = Method(
    name="wsjf",
    source="Donald Reinertsen, The Principles of Product Development Flow, 2009; cost of delay in three parts: SAFe",
    inputs=(
        Input("business_value", 0, 1000),
        Input("time_criticality", 0, 1000),
        Input("risk_reduction", 0, 1000),
        Input("job_size", 0.1, 1000),
    ),
    terms=(
        Term(("business_value", "job_size"), lambda given: given["business_value"] / given["job_size"]),
        Term(("time_criticality", "job_size"), lambda given: given["time_criticality"] / given["job_size"]),
        Term(("risk_reduction", "job_size"), lambda given: given["risk_reduction"] / given["job_size"]),
    ),
)

VALUE_EFFORT = Method(
    name="value_effort",
    source="Karl Wiegers, First things first: prioritizing requirements, Software Development 7(9), 1999",
    inputs=(Input("value", 0, AMOUNT), EFFORT),
    terms=(Term(("value", "effort"), lambda given: given["value"] / given["effort"]),),
)

MOSCOW_LEVELS: Mapping[str, float] = {"must": 3.0, "should": 2.0, "could": 1.0, "wont": 0.0}

MOSCOW = Method(
    name="moscow",
    source="Dai Clegg and Richard Barker, Case Method Fast-Track: A RAD approach, 1994",
    inputs=(Input("moscow", 0, 3, levels=tuple(sorted(MOSCOW_LEVELS.values()))),),
    terms=(Term(("moscow",), lambda given: given["moscow"]),),
)

KANO = Method(
    name="kano",
    source="Berger et al., Kano's methods for understanding customer-defined quality, Center for Quality of Management "
    "Journal 2(4), 1993; weighted by self-stated importance as in Sauerwein et al., The Kano model, Innsbruck 1996",
    inputs=(Input("better", 0, 1), Input("worse", 0, 1), Input("importance", 0, 1)),
    terms=(
        Term(("better", "importance"), lambda given: given["better"] * given["importance"]),
        Term(("worse", "importance"), lambda given: given["worse"] * given["importance"]),
    ),
)

METHODS: Mapping[str, Method] = {method.name: method for method in (RICE, ICE, WSJF, VALUE_EFFORT, MOSCOW, KANO)}
"""Weighted drivers are no fixed method: they are made from what the caller weighs."""
