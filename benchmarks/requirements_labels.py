"""How often the labels of feedback are right.

    FULLCIRCLE_DATA=... python -m benchmarks.requirements_labels

Kind: 68 app reviews of IS-22, drawn at random after the training sentences had been written, and labelled by their
author by reading (`labelled.json`, ids only; reviews that are none of the four kinds, or two, left out), and 40
questions of BANKING77's test part that begin as questions do and end with a question mark. `surest` are the 65 % with
the highest probability. Sentiment: the 904 sentences of IS-22, labelled by its authors; of those that are positive or
negative, how often the likelier of the two is right. Language: 80 sentences in 20 languages written for this, cut to
eight words (of Japanese and Chinese to 24 characters).
"""

import asyncio
import json
import os
import random
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import psutil

from benchmarks.report import Figure, exit_code, remark_load, report
from services.requirements.language.embedder import embedder
from services.requirements.language.labelling import Labeller, labeller
from services.requirements.themes.meaning import Embedder, Readable

SUREST = 0.65
BEGIN = {"how", "what", "where", "which", "can", "do", "is", "are", "when", "does"}
MOODS = {"pos": "positive", "neg": "negative", "neu": "neutral"}
LABELLED = json.loads((Path(__file__).parent / "labelled.json").read_text("utf-8"))


def read(name: str) -> list[dict[str, Any]]:
    path = Path(os.environ["FULLCIRCLE_DATA"]) / "feedback" / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def kinds() -> list[tuple[str, str]]:
    """Texts with the kind that a reader gave them."""
    words = {row["id"]: row["text"] for row in read("is22_reviews")}
    reviews = [(words[each], kind) for kind, ids in LABELLED["kinds"].items() for each in ids]
    asked = [row["text"] for row in read("banking_test")]
    random.Random(3).shuffle(asked)
    plain = [text for text in asked if text.endswith("?") and text.lower().split()[0] in BEGIN]
    return [*reviews, *((text, "question") for text in plain[:40])]


def kind_figures(models: Labeller) -> list[Figure]:
    known = kinds()
    texts = [text for text, _ in known]
    made = models.label(texts, embedder().embed(texts))
    given = [each.kind for each in made]
    right = np.array([said == kind for said, (_, kind) in zip(given, known, strict=True)])
    answered = np.array([said is not None for said in given])
    surest = np.argsort([-each.kind_probability for each in made])[: int(SUREST * len(made))]
    return [
        report(Figure("kind_accuracy", right.mean(), at_least=0.76)),
        report(Figure("kind_accuracy_of_the_surest", right[surest].mean(), at_least=0.88)),
        report(Figure("kind_share_answered", answered.mean())),
    ]


def sentiment_figures(models: Labeller) -> list[Figure]:
    rows = read("is22_sent")
    chances = models.by_meaning("sentiment", embedder().embed([row["text"] for row in rows]))
    wanted = np.array([MOODS[row["label"]] for row in rows])
    classes = np.array(["negative", "neutral", "positive"])
    moved = wanted != "neutral"
    sides = np.where(chances[:, 2] > chances[:, 0], "positive", "negative")
    return [
        report(Figure("sentiment_positive_or_negative", (sides == wanted)[moved].mean())),
        report(Figure("sentiment_of_three", (classes[chances.argmax(axis=1)] == wanted).mean())),
    ]


def language_figures(models: Labeller) -> list[Figure]:
    known = [(shortened(text), code) for code, texts in LABELLED["languages"].items() for text in texts]
    texts = [text for text, _ in known]
    made = models.label(texts, embedder().embed(texts))
    right = [each.language == code for each, (_, code) in zip(made, known, strict=True)]
    return [report(Figure("language_of_eight_words", float(np.mean(right)), at_least=0.95))]


def shortened(text: str, *, words: int = 8) -> str:
    parts = text.split()
    return " ".join(parts[:words]) if len(parts) > 1 else text[: 3 * words]


async def cost() -> list[Figure]:
    """A page of intake understood by the children as the service calls them, and what each of them takes."""
    texts = [row["text"] for row in read("banking_test")[:600]]
    long = [" ".join(texts[:100])] * 32
    models = Embedder()
    async with models.running():
        for warm in (texts[:32], long):
            await models.understand([Readable(UUID(int=place), 1, text) for place, text in enumerate(warm)])
        children = psutil.Process().children()
        before = sum(sum(child.cpu_times()[:2]) for child in children)
        await models.understand([Readable(UUID(int=place), 1, text) for place, text in enumerate(texts)])
        spent = sum(sum(child.cpu_times()[:2]) for child in children) - before
        peaks = [_peak_mb(child.pid) for child in children]
    return [
        report(Figure("short_texts_understood_per_cpu_s", len(texts) / spent, at_least=80)),
        *(report(Figure(f"memory_of_child_{place}_mb", peak, at_most=400)) for place, peak in enumerate(peaks, 1)),
    ]


def _peak_mb(pid: int) -> float:
    """The most that a process ever held (VmHWM)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("the kernel does not tell the peak of a process")


def main() -> int:
    remark_load("before")
    models = labeller()
    figures = [*asyncio.run(cost()), *kind_figures(models), *sentiment_figures(models), *language_figures(models)]
    remark_load("after")
    return exit_code(figures)


if __name__ == "__main__":
    if "FULLCIRCLE_DATA" not in os.environ:
        sys.exit((__doc__ or "").strip())
    sys.exit(main())
