"""What to build under budgets, exactly: the problem, its model, its solver, an independent checker and the reasons."""
