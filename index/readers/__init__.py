"""Readers: one module for each family of file types, each turning bytes into a `RawDocument`."""
