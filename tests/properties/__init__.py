"""The whole program beside the contract."""
