"""The solver's whole numbers: hundredths of a person-day, minor units of money, hundredths of a point."""

EFFORT, COST = "effort_days", "cost"
UNITS = {EFFORT: 100, COST: 1}
VALUE_UNITS = 100
