"""A question becomes a checked answer: question, retrieve, evidence, compose, attribute, verify."""
