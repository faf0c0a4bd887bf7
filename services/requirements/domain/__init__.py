"""The decisions of requirements, pure: no database, no HTTP, no clock, no chance that is not seeded."""
