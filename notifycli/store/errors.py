"""What goes wrong in a store, whichever engine keeps it. No error of an engine's own library leaves store/."""

from notifycli.domain.errors import NotifyError


class StoreError(NotifyError):
    """The database cannot be worked with. `message` names its file."""


class StoreBusy(StoreError):
    """Another program writes just now: the same may go well a little later."""


class StoreLost(StoreBusy):
    """The server was lost; what was to be committed just then may be, or not. To be tried again on a new connection."""
