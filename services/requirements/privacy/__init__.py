"""What this service holds of a person, and how it goes: their words, quotes, meanings and identities."""
