"""Coverage-guided fuzzing of the readers: python -m tests.fuzz READER --runs N. `targets` hold without atheris too."""
