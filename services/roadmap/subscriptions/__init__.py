"""Subscriptions: who is told of what is overdue, at risk or declined, by mail or by event; each occasion once."""
