"""Score the winner on the rows that preprocess has set aside, which no other stage has seen.

Beside it a linear model, fitted to the rows that the winner was fitted to.
"""

from pathlib import Path

from stages.study.artifacts import HOLDOUT, write_json, write_parquet
from stages.study.counts import count
from stages.study.errors import run, say
from stages.study.prepared import Prepared, read_prepared, read_set_aside
from stages.study.writing import writing


def main() -> None:
    """Run the stage."""
    aside = read_set_aside()
    with writing(HOLDOUT) as folder:
        if aside is None:
            write_json({"rows": 0}, folder / "summary.json")
        else:
            write(aside, folder)


def write(aside: Prepared, folder: Path) -> None:
    """Write what the winner says of the rows, and its scores."""
    # They take seconds to load, and most studies set nothing aside.
    from stages.study import held_out_scores, params

    settings = params.load()
    said = held_out_scores.answers(settings, read_prepared(), aside)
    found = held_out_scores.summary(settings, said, aside)
    # The report tells it of the file, of which the other stages have read only a part.
    found["sha256"] = aside.profile["sha256"]
    write_json(found, folder / "summary.json")
    write_parquet(held_out_scores.table(said, aside), folder / "predictions.parquet")
    name = found["scoring"]
    score = found["scores"][name][held_out_scores.NETWORK]
    say(f"{count(found['rows'], 'row')} set aside: {name} {'unknown' if score is None else score}")


if __name__ == "__main__":
    run(main, __doc__)
