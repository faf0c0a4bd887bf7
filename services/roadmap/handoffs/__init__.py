"""Hand-offs: what one team hands to another, and on which day."""
