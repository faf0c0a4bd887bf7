"""Files from elsewhere become feedback: row by row, as an operation that can be killed and goes on."""
