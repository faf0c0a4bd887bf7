"""Did it work? Effects that were promised at a launch, and what came of them."""
