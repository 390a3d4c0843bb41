"""What the CytoImageNet paper prints: Table 2 of arXiv:2111.11646, concatenated and normalized.

Accuracy in percent and half the width of its normal interval. Two figures need care: `cyclops` was
measured with classes paired off wrongly, and the fusion of `cyclops` and `coos7` joined features by
row number, which may have joined different cells of one class.
"""

from __future__ import annotations

from collections.abc import Mapping

TASKS = ("bbbc021 nsc", "cyclops", "coos7 test1", "coos7 test2", "coos7 test3", "coos7 test4")

TABLE: Mapping[str, tuple[tuple[float, float], ...]] = {
    "random": ((27.18, 8.59), (53.06, 0.59), (65.68, 0.91), (67.81, 0.70), (48.77, 0.54),
               (51.88, 0.56)),
    "imagenet": ((83.5, 7.17), (68.47, 0.55), (88.87, 0.61), (88.93, 0.47), (75.91, 0.46),
                 (82.19, 0.43)),
    "cytoimagenet": ((83.5, 7.17), (65.19, 0.57), (88.58, 0.61), (89.37, 0.46), (65.97, 0.51),
                     (78.52, 0.46)),
    "fusion": ((86.41, 6.62), (77.97, 0.49), (94.80, 0.43), (95.07, 0.33), (78.97, 0.44),
               (87.47, 0.37)),
}  # fmt: skip

# What a reader of the rows must know.
CARE = (
    "Published cyclops was measured with classes paired off wrongly; published fusion of coos7 and "
    "cyclops joined features by row number, perhaps of different cells of one class."
)
