"""Measures of retrieval and evidence on public sets and on sets of one's own: `python -m eval.retrieval`."""
