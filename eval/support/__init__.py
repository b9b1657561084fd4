"""Does a text support a claim? Our verdict measured on public sets of such pairs, and its score fitted on some."""
