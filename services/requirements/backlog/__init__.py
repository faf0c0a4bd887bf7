"""What should be done about it: requirements, the evidence they rest on, and how far each has come."""
