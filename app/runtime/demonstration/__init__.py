"""The demonstration that `make run` shows: a year in the life of three firms, and a scan by the example client."""
