"""Reports on actions by the government, and by organisations after review."""
