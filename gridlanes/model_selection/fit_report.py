"""What became of the fits that were asked for, as plain data."""

from dataclasses import dataclass, field

from gridlanes.compat.notebook import Shown, table


@dataclass(eq=False)
class FitReport(Shown):
    """Counts of fits; the refit of a search is not among them.

    Attributes
    ----------
    asked : int
        Candidates times folds; of an estimator with networks inside, all fits of these.
    found : int
        In the store.
    trained : int
    failed : int
        Whose loss diverged, found or trained, and those that could not be prepared or built.
    by_reference : int
        Of those trained, by ``model.fit``.
    one_by_one : int
        Of those trained, by themselves: inside an estimator that asks for other fits each time
        its own ``fit`` is run.
    seconds : float
        From the first look at a fit to the last one trained, scoring not included.
    refit : str or None
        "found" or "trained", None without a refit.
    not_kept : dict of str to int
        Why fits were neither looked up nor kept, and how many.
    elsewhere : str or None
        Why scikit-learn has trained all fits, None if it has not.
    """

    asked: int = 0
    found: int = 0
    trained: int = 0
    failed: int = 0
    by_reference: int = 0
    one_by_one: int = 0
    seconds: float = 0.0
    refit: str | None = None
    not_kept: dict[str, int] = field(default_factory=dict)
    elsewhere: str | None = None

    def __str__(self) -> str:
        if self.elsewhere:
            return f"by scikit-learn: {self.elsewhere}"
        parts = [f"{self.found} found", f"{self.trained} trained in {self.seconds:.1f} s"]
        parts += [f"{self.by_reference} by model.fit"] * bool(self.by_reference)
        parts += [f"{self.one_by_one} one by one"] * bool(self.one_by_one)
        parts += [f"{self.failed} failed"] * bool(self.failed)
        not_kept = sum(self.not_kept.values())
        parts += [f"{not_kept} not kept"] * bool(not_kept)
        return f"{self.asked} fit{'s' * (self.asked != 1)}: {', '.join(parts)}"

    def _html_repr(self) -> str:
        if self.elsewhere:
            return table(str(self), [])
        counts = {
            "found in the store": self.found,
            "trained": self.trained,
            "by model.fit": self.by_reference,
            "one by one": self.one_by_one,
            "failed": self.failed,
            **{f"not kept: {why}": number for why, number in self.not_kept.items()},
        }
        rows: list[tuple[str, object]] = [
            ("asked for", f"{self.asked:,}"),
            *((what, f"{number:,}") for what, number in counts.items() if number),
            ("seconds", f"{self.seconds:.1f}"),
        ]
        refit = [("refit of the best", self.refit)] if self.refit else []
        return table("Fits", [*rows, *refit])
