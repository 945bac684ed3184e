"""Tells a clinic's patients what happens to their appointments, messages and receipts."""

__version__ = "0.1.0"
