"""Parses stack configuration and files once into domain types; all errors together, each with its path."""
