"""How participants rate a consultation once its outcome is known: five questions, told in sums only."""
