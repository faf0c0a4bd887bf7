"""Customers' answers to Kano's pair of questions, and what they make of a requirement."""
