"""Measurements of reading: what of a document gets into the clean text, against what should."""
