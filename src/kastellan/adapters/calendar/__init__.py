"""Calendars that are exchanged with customers as iCalendar files (RFC 5545)."""
