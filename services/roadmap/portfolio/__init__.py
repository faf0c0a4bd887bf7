"""The portfolio: several roadmaps that share teams in one view, as now-next-later and on a timeline."""
