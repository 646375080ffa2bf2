"""What looks inside a file: runs in a child process only (`consult.core.child`), and imports only `kinds` of ours."""
