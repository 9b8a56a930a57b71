"""Renders a report's document for people and pipelines; none of these decides anything."""
