"""Which schema this program works with, without the price of knowing how it came to be (see migrations)."""

APPLICATION_ID = 0x4E6F7479  # "Noty": tells our databases from those of other programs
VERSION = 1  # as many as there are migrations
