"""Public forms and votes: what anybody may send from a web page, and within which bounds."""
