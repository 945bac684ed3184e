"""What goes wrong in a store, whichever engine keeps it. No error of an engine's own library leaves store/."""


class StoreError(Exception):
    """The database cannot be worked with; the text says why and what to do next, in one line."""


class StoreBusy(StoreError):
    """Another program writes just now: the same may go well a little later."""
