"""Charts: a KPI with its band, targets, launches and what was out of the ordinary, in every form that people use."""
