"""Reports: filing, files, withdrawal and erasure."""
