"""Actions of no plan: what accepted answers have promised."""
