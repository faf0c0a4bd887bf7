"""What a piece of feedback is: labels by models, corrected by people, and the quarantine for spam."""
