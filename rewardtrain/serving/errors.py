"""How a request is refused."""


class Refused(Exception):
    """A request that is answered with a status and a message.

    Attributes
    ----------
    status : the HTTP status.
    retry_after : seconds after which asking again is worth it; 0: it is not.
    """

    def __init__(self, status: int, message: str, *, retry_after: int = 0) -> None:
        super().__init__(message)
        self.status, self.retry_after = status, retry_after
