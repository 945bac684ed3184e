"""How messages leave: each channel takes what is to be said and gives back what came of it. Source: SPEC section 7."""
