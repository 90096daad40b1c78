"""What a launch did, for people and programs: the run itself, text for terminals, and pages."""
