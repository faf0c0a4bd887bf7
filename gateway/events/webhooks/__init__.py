"""Webhooks, signed as Standard Webhooks has it (https://www.standardwebhooks.com): kept, delivered, replayed."""
