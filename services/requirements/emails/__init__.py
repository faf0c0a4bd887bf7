"""Feedback by e-mail: a message as it stands, its thread kept together."""
