"""Says how many files can be open at once: systems of messages write one file for each. Opens none itself."""

import resource

BEYOND_WHICH_NO_SYSTEM_WRITES = 65_536
KEPT_FREE = 64  # for the database, rejects, libraries
FOR_EACH_FILE = 2  # itself, and a copy of what is packed in it


def room_for_files() -> int:
    """Asks the system for as many as it allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = BEYOND_WHICH_NO_SYSTEM_WRITES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):
            wanted = soft
    return max(1, (wanted - KEPT_FREE) // FOR_EACH_FILE)
