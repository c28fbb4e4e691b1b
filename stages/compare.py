"""Compare the grid search of revisions: parameters, candidates, best, nested estimate, decision.

No REV compares HEAD with the workspace, one REV that revision with the workspace, and of several
each with the first. A REV is what git or DVC resolves: a commit, a branch, a tag, HEAD~1, the
name of an experiment, or `workspace`.

Candidates are joined by their hyperparameters, 16 and 16.0 being alike. A hyperparameter that only
one side has on its grid is joined by the value that the other fixes in grid_search.network or
model.network; if it fixes none, nothing can be joined. Where the same rows of the same table were
tested in the same folds, scores are compared fold by fold (corrected t-test); else as means of
independent folds (corrected Welch test), both by the sizes of folds where groups make them unequal;
with another scorer, target or task, with other classes, another positive class of a scorer of one,
other weights or with folds in the order of time not at all. Better or worse beyond noise is what
has a p-value below 0.05, adjusted by Holm for the candidates that differ.

Trains nothing and leaves the workspace as it is. Outputs are read from DVC's cache, which `dvc
fetch` fills. Parameters are those of dvc.lock, with which the outputs were made.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from stages.reporting.comparing.comparison import compare
from stages.reporting.comparing.rendering import as_text, markdown, page
from stages.reporting.comparing.revision_files import WORKSPACE
from stages.reporting.comparing.revisions import read
from stages.study.errors import reporting, say
from stages.study.writing import replacing


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m stages.compare",
        description=(__doc__ or "").strip(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("revisions", nargs="*", metavar="REV")
    parser.add_argument(
        "--markdown", action="store_true", help="print Markdown, for a pull request"
    )
    parser.add_argument("--html", type=Path, metavar="PATH", help="write a page, too")
    given = parser.parse_args()
    with reporting():
        first, *others = read(compared(given.revisions))
        comparisons = [compare(first, other) for other in others]
        if given.html:
            with replacing(given.html) as file:
                file.write(page(comparisons))
        # What a terminal cannot show is no reason to show nothing.
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
        say(markdown(comparisons) if given.markdown else as_text(comparisons, sys.stdout))


def compared(revisions: Sequence[str]) -> list[str]:
    """Return the revisions to compare, the one that the others are compared with first."""
    if len(revisions) > 1:
        return list(revisions)
    return [*(revisions or ["HEAD"]), WORKSPACE]


if __name__ == "__main__":
    main()
