"""Studies: a question, a method, who took part, and findings that rest on their words."""
