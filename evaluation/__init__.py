"""Features, nearest neighbours, protocols and reports: how well features transfer."""

from .exclusion import SameKey
from .moa import NotSameCompound, not_same_compound
from .neighbours import nearest_neighbours

__all__ = ["NotSameCompound", "SameKey", "nearest_neighbours", "not_same_compound"]
