"""Position papers: recommendations in them that name a part of the draft, offered to their sender as comments."""
