"""What every adapter of an API of Amazon's needs: clients of the right account, and errors in our words."""
