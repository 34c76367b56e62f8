"""Evidence: what a run did and found, as JSON, JUnit XML and one page to look at."""
