"""What this service asks of its neighbours."""
