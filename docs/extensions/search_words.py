"""Words that people look for, of pages that say the same in others.

The search finds a page by these as by its own, and puts it first for them.
"""

#: The words of each page, by its name.
WORDS = {
    "explain/agreement": "reproducible, reproducibility, deterministic, tolerance",
    "explain/fits": "reproducible, reproducibility, deterministic, random state, seed",
    "explain/how-lanes-work": "parallel, vectorized, vmap, batched, speed, fast",
    "explain/store": "cache, memory, checkpoint",
    "explain/worth": "confidence interval, nested cross-validation, overfitting, optimistic bias, "
    "p-value, significance",
    "gallery/rare": "imbalanced, class imbalance",
    "how-to/clusters": "GPU, CUDA, distributed, parallel, Dask, Ray, n_jobs",
    "how-to/coming-from-kerastuner": "Optuna, Hyperband, Bayesian optimization, tuner",
    "how-to/coming-from-scikeras": "migrate, tensorflow.keras.wrappers, KerasWrapper",
    "how-to/experiments": "compare versions, dvc exp, git branch",
    "how-to/notebook": "Jupyter, ipynb, Colab",
    "how-to/own-network": "custom model, architecture, hidden layers, build function",
    "how-to/resume": "checkpoint, interrupted, continue, restart",
    "how-to/studies": "early stopping, class weight, class imbalance, imbalanced, time series, "
    "random search, Optuna, learning rate schedule, nested cross-validation, threshold, callbacks",
    "how-to/use-the-winner": "save model, load model, predict, export, deploy, production, serve, "
    "inference, pickle, joblib, ONNX",
    "how-to/your-data": "missing values, NaN, imputation, one-hot encoding, categorical, "
    "text columns, text features, free text, leakage, dates, Excel, CSV, Parquet, groups, "
    "time series, sample weight",
    "reference/index": "API, API reference, signature",
    "reference/lanes": "early stopping, callbacks, learning rate schedule, ModelCheckpoint, "
    "supported layers",
    "reference/library": "save model, early stopping, pipeline, text, text columns",
    "reference/params": "imbalanced, time series, random search, Optuna, rmse, mse, mae, scoring",
    "start/install": "GPU, CUDA, Windows, conda, requirements",
    "start/study": "feature importance, permutation importance, SHAP, learning curve, baseline",
}
