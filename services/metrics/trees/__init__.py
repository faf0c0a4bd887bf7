"""The KPI tree: which KPI is believed to move which, and which way."""
