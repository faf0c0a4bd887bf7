"""The work packages of a release: what each function does for the launch, and what waits for what."""
