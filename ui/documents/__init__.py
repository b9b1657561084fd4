"""The tab of the documents: what is there, what is added, mended and removed."""
