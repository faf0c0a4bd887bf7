"""Who speaks: contacts, and the companies they belong to."""
