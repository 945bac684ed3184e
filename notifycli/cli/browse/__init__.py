"""notify browse: all that staff ask, on one full screen. Only `command` is imported without Textual."""
