"""What a text means, as a vector: the language model and its place in a child process."""
