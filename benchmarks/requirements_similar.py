"""Is this asked for already? Requirements found by text, with the shipped calibrator, through the service itself.

    FULLCIRCLE_DATA=... python -m benchmarks.requirements_similar [--fit]

Protocol, BANKING77: of the intents three quarters, drawn at random, are requirements; each is made of five training
questions, the shortest as its title and four as quotes. 400 test questions are asked, those of the other intents have
no right answer. `r1` and `r10`: the right requirement is first, or among ten, of the questions that have one; five
draws over all 77 intents. Precision and recall: four draws over the 39 intents that the calibrator was not fitted on,
29 of them requirements; ordered by probability, the recall is that at which nine in ten are still right. `--fit` fits
the shipped weights on the other 38 intents and prints them.

Protocol, SeaMonkey (bug titles, duplicates marked by its developers, those whose original is absent left out): each
title of a group of duplicates is asked once while it is not there; every other title is part of its group's
requirement, or a requirement by itself.
"""

import asyncio
import json
import os
import random
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.report import Figure, exit_code, remark, remark_load, report
from benchmarks.service_in_process import Service, posted, running_service, say
from services.requirements.domain.likeness import Likeness, standings

DRAWS, HELD_OUT_DRAWS, ASKED = (11, 21, 31, 41, 51), (11, 21, 31, 41), 400
FITTED_ON = 38
TEXTS_TO_FIT = (1, 2, 5, 10)
PRECISE = 0.9
TITLE = 200


@dataclass(frozen=True)
class Answered:
    """What the service said to one question, and whether that was right."""

    wanted: str | None
    found: Sequence[str]
    probability: float
    features: tuple[float, ...]

    @property
    def is_first(self) -> bool:
        return self.wanted is not None and self.found[:1] == [self.wanted]


def read(name: str) -> list[dict[str, Any]]:
    path = Path(os.environ["FULLCIRCLE_DATA"]) / "feedback" / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


async def make_requirements(service: Service, client: httpx.AsyncClient, groups: Mapping[str, Sequence[str]]) -> None:
    """A requirement for each group: its shortest text as the title, the others as quotes."""
    ordered = {name: sorted(texts, key=len) for name, texts in groups.items()}
    quoted = [text for texts in ordered.values() for text in texts[1:]]
    ids = iter(await say(client, quoted))
    bodies = [
        {
            "title": texts[0][:TITLE],
            "metadata": {"group": name},
            "evidence": [{"feedback_id": next(ids), "quote": text, "start": 0} for text in texts[1:]],
        }
        for name, texts in ordered.items()
    ]
    await posted(client, "/v1/requirements", bodies)
    await service.settle()


async def ask(client: httpx.AsyncClient, questions: Sequence[tuple[str, str | None]]) -> list[Answered]:
    """The answers to (text, group it should find)."""
    names: dict[str, str] = {}
    address = "/v1/requirements?limit=200"
    while address:
        page = await client.get(address)
        names |= {each["id"]: each["metadata"]["group"] for each in page.json()["items"]}
        address = page.links.get("next", {}).get("url", "")
    answers = await posted(client, "/v1/feedback/similar", [{"text": text, "limit": 50} for text, _ in questions])
    return [
        _answered(wanted, answer["requirements"], names) for (_, wanted), answer in zip(questions, answers, strict=True)
    ]


def _answered(wanted: str | None, found: Sequence[Any], names: Mapping[str, str]) -> Answered:
    several = [
        Likeness(best=x["best"], centre=x["centre"], words=x["words"], texts=2 if _has_centre(x) else 1)
        for x in (each["likeness"] for each in found)
    ]
    return Answered(
        wanted,
        [names[each["requirement_id"]] for each in found],
        found[0]["probability"],
        standings(several)[0].features,
    )


def _has_centre(parts: Mapping[str, float]) -> bool:
    """Whether the score was made with a centre: of a single text it is .4 best + .6 words."""
    return abs(parts["score"] - (0.4 * parts["best"] + 0.6 * parts["words"])) > 1e-9


def draw(
    labels: Sequence[str], *, seed: int, texts: int = 5
) -> tuple[dict[str, list[str]], list[tuple[str, str | None]]]:
    """Requirements and questions of one draw."""
    chance = random.Random(seed)
    shuffled = sorted(labels)
    chance.shuffle(shuffled)
    known = sorted(shuffled[: int(len(shuffled) * 0.75)])
    by_label = defaultdict(list)
    for row in read("banking_train"):
        by_label[row["label"]].append(row["text"])
    groups = {label: chance.sample(by_label[label], texts) for label in known}
    rows = [row for row in read("banking_test") if row["label"] in set(labels)]
    asked = chance.sample(rows, min(ASKED, len(rows)))
    return groups, [(row["text"], row["label"] if row["label"] in groups else None) for row in asked]


async def banking(service: Service, labels: Sequence[str], *, seed: int, texts: int = 5) -> list[Answered]:
    groups, questions = draw(labels, seed=seed, texts=texts)
    async with service.client() as client:
        await make_requirements(service, client, groups)
        return await ask(client, questions)


async def seamonkey(service: Service) -> list[Answered]:
    """Fold by fold: in each, one title of every group that is large enough is held back and asked."""
    groups = defaultdict(list)
    for row in read("dup_seamonkey"):
        if not row["lonely_dup"]:
            groups[row["group"] or row["id"]].append(row["title"])
    answers = []
    for fold in range(max(map(len, groups.values()))):
        held = {name: titles[fold] for name, titles in groups.items() if len(titles) > max(1, fold)}
        if not held:
            break
        left = {
            name: [title for place, title in enumerate(titles) if name not in held or place != fold]
            for name, titles in groups.items()
        }
        async with service.client() as client:
            await make_requirements(service, client, left)
            answers += await ask(client, [(title, name) for name, title in held.items()])
    return answers


def ranks(name: str, answers: Sequence[Answered], *, r1: float | None, r10: float) -> list[Figure]:
    known = [each for each in answers if each.wanted is not None]
    among = [each.wanted in each.found[:10] for each in known]
    return [
        report(Figure(f"{name}_r1", sum(each.is_first for each in known) / len(known), at_least=r1)),
        report(Figure(f"{name}_r10", sum(among) / len(among), at_least=r10)),
    ]


def recall_at_precision(answers: Sequence[Answered]) -> float:
    """The largest recall at which the precision is .90 still."""
    ordered = sorted(answers, key=lambda each: -each.probability)
    right = np.cumsum([each.is_first for each in ordered])
    precise = np.flatnonzero(right / np.arange(1, len(ordered) + 1) >= PRECISE)
    return float(right[precise[-1]] / sum(each.wanted is not None for each in answers)) if len(precise) else 0.0


async def fit(service: Service, labels: Sequence[str]) -> None:
    """Prints the weights for the raw features."""
    answers = [
        each
        for texts in TEXTS_TO_FIT
        for seed in (1, 2, 3)
        for each in await banking(service, labels, seed=seed, texts=texts)
    ]
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit([each.features for each in answers], [each.is_first for each in answers])
    scale, logistic = model[0], model[-1]
    weights = logistic.coef_[0] / scale.scale_
    intercept = float(logistic.intercept_[0] - (weights * scale.mean_).sum())
    remark(f"weights {tuple(round(float(each), 2) for each in weights)} intercept {intercept:.2f}")


async def main() -> int:
    labels = sorted({row["label"] for row in read("banking_train")})
    random.Random(0).shuffle(labels)
    remark_load("before")
    async with running_service() as service:
        if "--fit" in sys.argv:
            await fit(service, labels[:FITTED_ON])
            return 0
        everything = [each for seed in DRAWS for each in await banking(service, labels, seed=seed)]
        figures = ranks("banking77", everything, r1=0.80, r10=0.97)
        draws = [await banking(service, labels[FITTED_ON:], seed=seed) for seed in HELD_OUT_DRAWS]
        recall = sum(map(recall_at_precision, draws)) / len(draws)
        figures.append(report(Figure("held_out_recall_at_precision_90", recall, at_least=0.50)))
        sure = [each for answers in draws for each in answers if each.probability >= 0.8]
        figures.append(report(Figure("held_out_precision_above_80", sum(each.is_first for each in sure) / len(sure))))
        figures += ranks("seamonkey", await seamonkey(service), r1=None, r10=0.81)
    remark_load("after")
    return exit_code(figures)


if __name__ == "__main__":
    if "FULLCIRCLE_DATA" not in os.environ:
        sys.exit((__doc__ or "").strip())
    sys.exit(asyncio.run(main()))
