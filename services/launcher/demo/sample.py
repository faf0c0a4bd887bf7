"""A small product and the people who use it: Harbour, which writes invoices for firms of one to twenty people."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class Wish:
    """What one group of customers asks for, what answers it, and what it would take."""

    requirement: str
    feature: str
    effort_days: float
    cost_eur: int
    reach: int
    impact: float
    confidence: float
    voices: tuple[str, ...]


COMPANIES = ("brightwater.example", "oakandson.example", "lumen.example", "ferrante.example", "nordlicht.example")

FIRST_STEPS = Wish(
    requirement="New users find out by themselves what to do first",
    feature="Set-up checklist on the first screen",
    effort_days=12,
    cost_eur=9_600,
    reach=900,
    impact=2.0,
    confidence=0.8,
    voices=(
        "I signed up and had no idea where to begin. The first screen is empty.",
        "After registering I did not know what to set up first before I could send an invoice.",
        "Getting started is confusing: bank details, logo, tax number, in which order?",
        "The first screen after sign-up tells me nothing. I nearly gave up.",
        "It took me two evenings to find out how to set up my first invoice.",
        "A list of first steps would have helped. I was lost after signing up.",
        "Our new colleague could not work out what to do first after the registration.",
        "Setting up the account is harder than it should be; nobody tells you the first steps.",
        "I wanted to send my first invoice and did not know that I had to set up a template before.",
        "Where do I start? The empty first screen after sign-up does not say.",
        "The set-up should guide new users step by step to the first invoice.",
        "I only got through the first set-up because a friend showed me the steps.",
    ),
)

REMINDERS = Wish(
    requirement="Late payers are reminded without anybody having to think of it",
    feature="Automatic payment reminders",
    effort_days=15,
    cost_eur=12_000,
    reach=700,
    impact=2.0,
    confidence=0.8,
    voices=(
        "I want overdue invoices to send a payment reminder by themselves.",
        "Chasing late payments by hand takes half a day each month. Please send reminders automatically.",
        "Customers who pay late should get an automatic reminder after two weeks.",
        "I forget to remind people whose invoices are overdue. Can the program do it?",
        "Automatic payment reminders would be worth a lot to us.",
        "We lose money because nobody sends reminders for unpaid invoices.",
        "A reminder schedule for overdue invoices: 7, 14 and 30 days, please.",
        "Late payers are our biggest problem; a polite automatic reminder would help.",
        "Why do I still write payment reminders myself when the invoice is overdue?",
        "Please add reminders for unpaid invoices, sent automatically.",
        "I would like to choose the text of the reminder that goes to late payers.",
        "Unpaid invoices pile up because reminders are manual work.",
    ),
)

EXPORT = Wish(
    requirement="A year of invoices can be exported in one go",
    feature="Exports that run in the background",
    effort_days=10,
    cost_eur=8_000,
    reach=400,
    impact=1.0,
    confidence=1.0,
    voices=(
        "The export of all invoices takes forever and then fails.",
        "Exporting a year of invoices to CSV times out every time.",
        "My accountant needs the export as a file, but the download stops half way.",
        "The CSV export is so slow that I make it month by month.",
        "Export to Excel hangs with more than a thousand invoices.",
        "Downloading the yearly export fails with an error after some minutes.",
        "The export should run in the background and send me the file.",
        "Each quarter I fight with the export for my tax accountant. It is far too slow.",
        "Large exports never finish. I tried three times today.",
        "Could the export of invoices be faster? I wait ten minutes for the file.",
        "The PDF export of all invoices breaks off without a message.",
        "Exporting takes forever, please fix the time-out of the download.",
    ),
)

RECEIPTS = Wish(
    requirement="Receipts are photographed on the road, also without a network",
    feature="Receipts by camera, kept until there is a network",
    effort_days=25,
    cost_eur=20_000,
    reach=300,
    impact=2.0,
    confidence=0.5,
    voices=(
        "The mobile app crashes when I photograph a receipt.",
        "Taking a photo of a receipt on my phone does not work without a network.",
        "I am on the road a lot: scanning receipts with the phone camera must work offline.",
        "The app lost three receipt photos because I had no signal.",
        "Please let me scan receipts with the camera and upload them later.",
        "Photographing a receipt takes several tries, the app freezes.",
        "Without mobile network the receipt scanner is useless.",
        "The phone app closes itself when the camera opens for a receipt.",
        "Receipts I photographed in the train were gone afterwards.",
        "Scanning receipts offline would save us hours.",
        "The camera of the app makes blurred receipt photos and then crashes.",
        "Offline mode for receipt photos, please.",
    ),
)

CURRENCIES = Wish(
    requirement="Customers abroad are billed in their own currency",
    feature="Invoices in foreign currencies",
    effort_days=30,
    cost_eur=24_000,
    reach=250,
    impact=1.0,
    confidence=0.8,
    voices=(
        "We need invoices in US dollars for our customers abroad.",
        "Billing in a foreign currency is not possible. I calculate the exchange rate by hand.",
        "Please support several currencies on invoices, with the exchange rate of the day.",
        "Our Swiss customers want invoices in francs, not in euros.",
        "Multi-currency invoices are missing: dollars, pounds, francs.",
        "I cannot send an invoice in British pounds.",
        "The exchange rate has to be typed in by hand for foreign customers.",
        "Invoices in other currencies would let us sell abroad.",
        "How do I bill a customer in dollars? Only euros can be chosen.",
        "Foreign currency support, with conversion to euros for the books.",
        "A customer in Norway asked for an invoice in kroner; I had to use another program.",
        "Without currencies other than the euro we cannot bill half of our customers.",
    ),
)

PRODUCT = {"description": "Writes invoices for firms of one to twenty people.", "stage": "growth"}
SEGMENT = {
    "description": "Firms of one to twenty people that send at least one invoice a month.",
    "size": 240_000,
    "size_unit": "firms",
    "source": "Made up for this story",
}
PERSONA = {"role": "user", "goals": ["Send the first invoice today", "Look like a firm that knows what it does"]}
NEED = {
    "title": "Send the first invoice on the day of signing up",
    "kind": "functional",
    "importance": 9,
    "satisfaction": 3,
}
VISION = {
    "statement": "Whoever starts a firm sends the first invoice on the first day, and is paid without asking twice.",
    "target_market": "Firms of one to twenty people.",
    "business_goals": ["Half of all new accounts pay within three months"],
}
INITIATIVE = {"title": "The first week", "status": "active"}
DIFFERENTIATOR = {"title": "An invoice within ten minutes of signing up"}
BUDGET = {"currency": "EUR"}
LINE = {"name": "Building", "planned": {"amount_minor": 6_000_000, "currency": "EUR"}}
SPENDING = {"amount": {"amount_minor": 1_040_000, "currency": "EUR"}, "note": "Design and build"}
POLICY = {
    "title": "A third of all work helps new users",
    "policy": {"side": "at_least", "share": 0.33, "measure": "effort_days"},
}
PAIN = {"title": "Nobody says what to do first on the empty screen", "severity": 4, "frequency": "rarely"}

WISHES = (FIRST_STEPS, REMINDERS, EXPORT, RECEIPTS, CURRENCIES)

BUDGET_DAYS = 40.0
MORE_DAYS = 25.0
MORE_EUR = 20_000
BUDGET_EUR = 32_000

SEED = 7
DAYS_BEFORE, DAYS_AFTER = 56, 28
ACTIVATION_BEFORE, ACTIVATION_AFTER, ACTIVATION_SPREAD = 31.0, 36.5, 1.5


def feedback(*, run: str, now: datetime) -> list[dict[str, Any]]:
    """Everything that was said, over the last weeks, by different people at different firms."""
    lines = []
    said = [(number, voice) for number, wish in enumerate(WISHES) for voice in wish.voices]
    for index, (number, voice) in enumerate(said):
        company = COMPANIES[index % len(COMPANIES)]
        lines.append(
            {
                "text": voice,
                "source": "demo",
                "external_id": f"{run}-{number}-{index}",
                "occurred_at": (now - timedelta(days=120 - index)).isoformat(),
                "contact": {"email": f"user{index % 17}@{company}"},
                "company": {"domain": company},
                "consent": {"purposes": ["follow_up"], "wording": "Tell me what comes of it."},
            }
        )
    return lines


def activation(*, kpi_id: str, run: str, shipped_at: datetime) -> list[dict[str, Any]]:
    """The share of new accounts that send an invoice in their first week, day by day, before and after the launch."""
    chance = random.Random(SEED)  # noqa: S311 a sample, not a secret
    lines = []
    for day in range(-DAYS_BEFORE, DAYS_AFTER):
        level = ACTIVATION_AFTER if day >= 0 else ACTIVATION_BEFORE
        lines.append(
            {
                "kpi_id": kpi_id,
                "value": round(chance.gauss(level, ACTIVATION_SPREAD), 2),
                "measured_at": (shipped_at + timedelta(days=day)).isoformat(),
                "dedupe_key": f"{run}-{day}",
            }
        )
    return lines
