"""`python -m services.launcher` is `fullcircle`."""

from services.launcher.cli import main

main()
