"""What a newer document of a vendor changes for the users of its client."""
