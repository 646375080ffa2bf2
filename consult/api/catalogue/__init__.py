"""The catalogue of the site's data: DCAT-AP 3 as JSON-LD and Turtle."""
