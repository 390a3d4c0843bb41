"""What tests of the published archive share."""

from __future__ import annotations

import published
import pytest

from cytoimagenet_tfds.builders.cytoimagenet.published import expected


@pytest.fixture(scope="module")
def as_published():
    """The simulated archive is what was published, here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(expected, "PUBLISHED", published.expected(published.rows()))
        yield
