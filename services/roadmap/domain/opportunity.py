"""How much there is to win by answering a need better."""


def opportunity(*, importance: int | None, satisfaction: int | None) -> int | None:
    """importance + max(0, importance - satisfaction), each 1 to 10, hence 1 to 19; None unless both are known.

    A. W. Ulwick, *What Customers Want*, 2005: above 15 is a clear chance, below 10 is served well enough.
    """
    if importance is None or satisfaction is None:
        return None
    return importance + max(0, importance - satisfaction)
