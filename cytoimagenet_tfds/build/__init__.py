"""Plan to shards, in Apache Beam: render, assemble, verify."""
