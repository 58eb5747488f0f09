"""What was heard, written down: tables, subtitles, annotations, a page."""
