"""What is stored, and that nothing overwrites it."""
