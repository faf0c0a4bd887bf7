"""Search on IS-22: 24 questions about the reviews of eight apps, judged by its authors, through the service itself.

    FULLCIRCLE_DATA=... python -m benchmarks.requirements_search

Protocol: the judged reviews of a question (four without a word left out) are a workspace of their own; mean average
precision over the questions that have both relevant and other reviews, of the order that `GET /v1/search` gives.
(J. Dabrowski and others, *Mining and searching app reviews for requirements engineering*, Information Systems, 2022;
MIT.)
"""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.report import Figure, exit_code, remark_load, report
from benchmarks.service_in_process import Service, running_service, say


def average_precision(relevant: Sequence[bool], *, of: int) -> float:
    """Mean of the precision at each relevant place, `of` relevant ones in all."""
    found, total = 0, 0.0
    for place, is_relevant in enumerate(relevant, start=1):
        if is_relevant:
            found += 1
            total += found / place
    return total / of


async def ask(service: Service, question: dict[str, Any]) -> float:
    async with service.client() as client:
        ids = await say(client, [item["text"] for item in question["items"]])
        await service.settle()
        answer = (await client.get("/v1/search", params={"q": question["query"], "limit": 100})).json()
    relevant = {each for each, item in zip(ids, question["items"], strict=True) if item["rel"]}
    return average_precision([hit["feedback_id"] in relevant for hit in answer["hits"]], of=len(relevant))


async def main() -> int:
    path = Path(os.environ["FULLCIRCLE_DATA"]) / "feedback" / "is22_queries.jsonl"
    questions = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for each in questions:
        each["items"] = [item for item in each["items"] if item["text"].strip()]
    asked = [each for each in questions if 0 < sum(item["rel"] for item in each["items"]) < len(each["items"])]
    remark_load("before")
    async with running_service() as service:
        scores = [await ask(service, question) for question in asked]
    figures = [report(Figure("is22_map", sum(scores) / len(scores), at_least=0.83))]
    remark_load("after")
    return exit_code(figures)


if __name__ == "__main__":
    if "FULLCIRCLE_DATA" not in os.environ:
        sys.exit((__doc__ or "").strip())
    sys.exit(asyncio.run(main()))
