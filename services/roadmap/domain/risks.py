"""Risks: probability times impact, as every risk register has it (ISO 31000:2018)."""

from typing import Literal

RiskStatus = Literal["open", "mitigated", "happened", "closed"]
