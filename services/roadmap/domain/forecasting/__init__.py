"""When things will be done: seeded Monte Carlo over the planned order, and calibration against what came true."""
