"""The rule that proposes an alert level from reports and samples, and unusually high numbers. Pure."""
