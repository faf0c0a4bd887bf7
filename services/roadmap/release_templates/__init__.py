"""Release templates: the work packages of every function that a kind of release usually has."""
