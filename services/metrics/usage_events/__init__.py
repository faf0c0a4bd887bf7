"""What people do in the product: taken in once, counted by the KPIs that ask for it, and never under a name."""
