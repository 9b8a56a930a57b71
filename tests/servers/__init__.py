"""Real servers on loopback, as a customer's platform would have them, and the ways in which they are wrong."""
