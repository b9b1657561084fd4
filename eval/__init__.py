"""Measure answers against questions whose answers are known. Depends on the core; the core never on it."""
