"""Getting the raw data: download with resume, check, record, and stage in the cloud."""

from __future__ import annotations

from cytoimagenet_tfds.fetch.http import Client, Settings
from cytoimagenet_tfds.fetch.transfer import Fetched, download

__all__ = ["Client", "Fetched", "Settings", "download"]
