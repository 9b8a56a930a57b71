"""Components of an installation's base on AWS."""
