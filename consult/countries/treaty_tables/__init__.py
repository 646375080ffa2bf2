"""Tables of treaty depositaries: participants with dates of signature and of consent to be bound."""
