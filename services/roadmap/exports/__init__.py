"""What an audience sees, as files: each is made from its view, so none can hold more than another."""
