"""Benchmarks: `make bench`. Every figure is a ratio to a peer that ran in turns with it, on durable settings."""
