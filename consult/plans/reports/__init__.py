"""Reports on actions: of the government, and of organisations once a moderator has read them."""
