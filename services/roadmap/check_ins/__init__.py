"""Check-ins: how it goes, said by a team on a day."""
