"""What staff ask."""
