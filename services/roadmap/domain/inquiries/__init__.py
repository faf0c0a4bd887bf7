"""What else a planner wants to know of an answer: what if, at what price, and why."""
