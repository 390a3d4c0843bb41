"""Cell Image Library."""
