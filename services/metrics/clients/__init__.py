"""What the process of this service holds besides the chassis' parts."""
