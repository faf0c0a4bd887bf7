"""The composition root: starts PostgreSQL and the four processes, and carries the command line `fullcircle`."""
