"""Settings and services looked at."""
