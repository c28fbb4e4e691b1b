"""Makes a folder for a study of one's own from what is committed here."""
