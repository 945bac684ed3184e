"""Sends what is due, once, and takes in what servers say of it later. Knows no files and no terminal."""
