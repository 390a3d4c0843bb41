"""A linear probe: how well a linear classifier separates the classes of frozen features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy.typing as npt

from cytoimagenet_tfds import errors

from . import checks
from .scaling import Scaler


def linear_probe(
    train: npt.ArrayLike,
    labels: Sequence[Any],
    query: npt.ArrayLike,
    *,
    strength: float = 1.0,
    balanced: bool = False,
    iterations: int = 1000,
) -> npt.NDArray[Any]:
    """Fits a logistic regression on scaled training features and predicts the queries.

    Args:
      train: [N, D] features.
      labels: [N] class of each, two classes at least.
      query: [Q, D] features to classify.
      strength: inverse of the L2 penalty.
      balanced: weights classes inversely to their size.
      iterations: of the solver (L-BFGS, which makes no random choice).

    Returns:
      [Q] predicted classes.

    Raises:
      ConfigError: one class only, or scikit-learn is not installed.
      TableError: columns of different length, NaN, other features in query than in train.
    """
    values = checks.matrix(train, "train")
    checks.same_length(len(values), labels=labels)
    if len(checks.codes(labels)[0]) < 2:
        raise errors.ConfigError("A linear probe needs two classes at least, found one.")
    scaler = Scaler.fit(values)
    queries = scaler.transform(query)
    model = _model(strength, balanced, iterations)
    import threadpoolctl  # comes with scikit-learn

    # The solver makes thousands of products with a few columns. They are bound by memory, and
    # threads that wait for each other took 4 to 25 times as much processor time.
    with threadpoolctl.threadpool_limits(1, user_api="blas"):
        model.fit(scaler.transform(values), checks.column(labels))
        predicted: npt.NDArray[Any] = model.predict(queries)
    return predicted


def _model(strength: float, balanced: bool, iterations: int) -> Any:
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise errors.ConfigError(
            "The linear probe needs scikit-learn: pip install 'cytoimagenet-tfds[eval]'"
        ) from error
    weight = "balanced" if balanced else None
    return LogisticRegression(C=strength, class_weight=weight, max_iter=iterations)
