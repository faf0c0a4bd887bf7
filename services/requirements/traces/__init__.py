"""This service's part of the chain from quotes to verdict."""
