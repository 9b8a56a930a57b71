"""Carries a plan out step by step: looks first, acts, verifies; chooses nothing."""
