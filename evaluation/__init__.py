"""Features, nearest neighbours, protocols and reports: how well features transfer."""

from .exclusion import SameKey
from .neighbours import nearest_neighbours

__all__ = ["SameKey", "nearest_neighbours"]
