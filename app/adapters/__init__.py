"""The outside world behind narrow interfaces: for now the two languages and their formats."""
