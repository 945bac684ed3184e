"""Coverage-guided fuzzing of the readers: python -m fuzz READER --runs N. `targets` hold without atheris too."""
