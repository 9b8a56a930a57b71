"""Simulated clouds: a provider process that stands in for Google Cloud under the real engine. Nothing is made."""
