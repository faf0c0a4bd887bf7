"""What features cost by their work packages and the day rates of teams."""
