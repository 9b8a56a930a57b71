"""What the shell needs from the outside, as small protocols whose docstrings are the contracts."""
