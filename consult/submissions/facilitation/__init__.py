"""Comments gathered on paper or in meetings by facilitators."""
