"""A document beside an answer: its text, its page, other sources beside it, and why it was found."""
