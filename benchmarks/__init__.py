"""Measurements beside peers, in one run; `make bench` calls them. Ratios count: machines differ, and are noisy."""
