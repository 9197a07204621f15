"""What the pages of a lab say about its tries and runs: words and numbers, no HTML."""
