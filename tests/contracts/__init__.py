"""What every implementation of a port must do, fake or real."""
