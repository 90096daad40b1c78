"""What threads do together: votes, matches, shuffles, barriers, groups."""
