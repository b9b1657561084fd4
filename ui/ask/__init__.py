"""The tab where questions are asked: conversations, what is done with an answer, exports."""
