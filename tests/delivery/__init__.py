"""Runs, and what services say later."""
