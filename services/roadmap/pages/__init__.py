"""The strategy of a product, or of the whole company, as a page to read and to take along."""
