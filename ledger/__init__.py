"""Everything Fairlead must not forget: tables, queries and migrations on SQLite or PostgreSQL."""
