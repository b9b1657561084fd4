"""A document becomes searchable: read, clean, sentences, passages, embeddings, store, library."""
