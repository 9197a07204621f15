"""Tasks: each makes its own text from a number, knows the right answer and what is held out."""
