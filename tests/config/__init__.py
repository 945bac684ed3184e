"""notify.toml."""
