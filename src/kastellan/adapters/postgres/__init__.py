"""The installation's PostgreSQL, through psycopg."""
