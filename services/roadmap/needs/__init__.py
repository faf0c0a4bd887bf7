"""Needs and pain points: what people want to get done, where it hurts, and what customers' words say so."""
