"""Where rows come from: files, folders, archives, pipes.

Knows what is to be read and when it is whole; must not know what it means.
"""
