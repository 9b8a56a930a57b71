"""The evidence of a preflight: collected all at once, written down, judged here or elsewhere."""
