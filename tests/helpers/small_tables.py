"""The tables that stages leave for a report, small enough for their verdict to be known."""

import numpy as np
import pandas as pd

ROWS, FOLDS = 90, 3


def study(right=(0.9, 0.6), *, rival=0.7, outer=0.8, spread=0.02, **changed):
    """Return the tables of a study: how often each candidate is right, and the linear model."""
    rng = np.random.default_rng(0)
    truth, fold = np.arange(ROWS) % 2, np.arange(ROWS) // (ROWS // FOLDS)
    hits = [rng.permutation(np.arange(ROWS) < share * ROWS) for share in right]
    said = pd.concat(
        pd.DataFrame(
            {
                "candidate": n,
                "row": range(ROWS),
                "fold": fold,
                "truth": truth,
                "probability_0": np.where(hit, 1 - truth, truth).astype("float32"),
                "probability_1": np.where(hit, truth, 1 - truth).astype("float32"),
            }
        )
        for n, hit in enumerate(hits)
    )
    scores = np.array([[hit[fold == k].mean() for k in range(FOLDS)] for hit in hits])
    results = pd.DataFrame({"candidate": range(len(right)), "epochs": range(len(right))})
    for k in range(FOLDS):
        results[f"split{k}_test_score"] = scores[:, k]
    results = results.assign(
        mean_test_score=scores.mean(axis=1),
        std_test_score=scores.std(axis=1),
        rank_test_score=np.argsort(np.argsort(-scores.mean(axis=1))) + 1,
        n_weights=10.0,
        n_steps=20.0,
    )
    best = int(scores.mean(axis=1).argmax())
    noise = spread * np.array([-1, 0, 1])
    own = outer + noise
    linear = rival + 0.5 * noise
    names = ["majority_class", "logistic_regression"]
    table = pd.DataFrame(
        {
            "model": np.repeat(names, FOLDS),
            "fold": [*range(FOLDS)] * 2,
            "score": [*(0.5 + 0 * noise), *linear],
        }
    )
    return {
        "profile": {"task": "classification"},
        "best": {
            "candidate": best,
            "scoring": "accuracy",
            "mean": scores.mean(axis=1)[best],
            "sd": scores.std(axis=1)[best],
            "candidates": len(right),
            "folds": FOLDS,
            "seeds": None,
            "failed_fits": 0,
        },
        "candidates": results,
        "predictions": said,
        "summary": {"accuracy": {"mean": own.mean(), "sd": own.std()}},
        "scores": pd.DataFrame({"fold": range(FOLDS), "accuracy": own}),
        "baselines": table.rename(columns={"score": "accuracy"}),
        "nested": {"scoring": "accuracy", "mean": own.mean(), "sd": own.std()},
        "outer": pd.DataFrame(
            {
                "fold": range(FOLDS),
                "rows": ROWS // FOLDS,
                "score": own,
                "inner_score": own + 0.05,
                "candidate": [0, 0, 1],
                "epochs": [0, 0, 1],
            }
        ),
        "outer_baselines": table,
        "outer_predictions": said[said["candidate"] == 0].assign(predicted=0),
        "permutations": pd.DataFrame({"permutation": range(3), "best_score": [0.5, 0.52, 0.54]}),
        "held_out": None,
        **changed,
    }
