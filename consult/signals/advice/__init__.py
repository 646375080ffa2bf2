"""First aid on the page of an alert: ambulance numbers by country, and steps by class of substance, as data."""
