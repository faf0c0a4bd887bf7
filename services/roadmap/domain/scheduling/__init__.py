"""What to build, when and by whom: the problem, a first answer, the model with its bound, and an independent checker.

A selective multi-mode resource-constrained project scheduling problem (S. Hartmann, D. Briskorn, European Journal of
Operational Research 297, 2022, survey the variants); time is in whole weeks from the first of the plan.
"""
