"""What params.yaml may say of a table, found by looking at it; nothing is read but the table."""
