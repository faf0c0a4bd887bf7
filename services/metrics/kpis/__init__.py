"""What is counted: definitions, their versions, and who owns them."""
