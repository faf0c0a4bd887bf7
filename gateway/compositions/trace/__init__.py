"""One chain from quotes to verdict, whichever link one holds in the hand."""
