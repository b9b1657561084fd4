"""Measures what answers are worth beside the sets of single questions: conversations, and documents that give orders.

Owns the two sets' formats and figures. Asks through the assistant as a user does; nothing here is a copy of it.
"""
