"""Results for other programs: tables, subtitles, annotations, a page."""
