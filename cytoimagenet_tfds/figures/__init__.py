"""Figures of a prepared dataset, of a training and of features, each declared in `catalogue`.

`material` holds what figures are drawn from; the other modules hold one family of figures each.
Matplotlib (extra `viz`) is imported when something is drawn.
"""
