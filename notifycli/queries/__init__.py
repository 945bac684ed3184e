"""What staff ask: why, what comes, whom no notice reaches, is all well. Changes nothing."""
