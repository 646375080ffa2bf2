"""The sample data that `consult up --demo` loads."""
