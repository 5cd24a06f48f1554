"""What leaves the machine: records, boards made of them, the site, and the proof of both."""
