"""`fullcircle demo`: the whole loop, from what customers say to what came of it, through the public API only."""
