"""A person's right to see their data and to have it gone, carried out across all services."""
