"""The raw table: its file, its cells, its columns, its target, and what it holds."""
