"""Partners: other Consult sites whose public consultations, warnings and case studies are shown as foreign."""
