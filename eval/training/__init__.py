"""Training of the evidence model: its data, its negatives, its network, and its export. Never imported by the product."""
