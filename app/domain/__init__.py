"""The rules of the product as functions of values: no I/O, no clock, no settings (see README.md beside this file)."""
