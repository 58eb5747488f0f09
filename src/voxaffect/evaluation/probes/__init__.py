"""What is measured of a bundle besides its score: a module a probe."""
