"""Measurements and endurance; run by `make bench`, never asserted as timed tests."""
