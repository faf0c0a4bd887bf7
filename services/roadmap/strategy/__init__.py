"""Objectives and key results: what the plan is for, and how far it has come."""
