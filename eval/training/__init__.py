"""Training of the evidence model: its data, its negatives, its network, its export. The product never imports it."""
