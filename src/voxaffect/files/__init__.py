"""Files: written whole or not at all, read as tables, written as rows."""
