"""A submission as a paper in the form that a body receives: rules as data, a Word file, and limits while one writes."""
