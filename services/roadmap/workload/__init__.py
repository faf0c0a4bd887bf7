"""Workload: what teams have, what is booked and planned of it over all roadmaps, and what is left."""
