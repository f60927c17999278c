"""What stands around the application: limits, headers, access log, health."""
