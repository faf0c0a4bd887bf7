"""The living roadmap: people place, date and pin features by hand, and every change says why."""
