"""What licences allow."""

from __future__ import annotations

import pytest

from cytoimagenet_tfds import licences, sources


@pytest.mark.parametrize(
    ("licence", "commercial", "conditions"),
    [
        ("CC0-1.0", "yes", "none"),
        ("CC-BY-4.0", "yes", "name the authors"),
        ("CC-BY-NC-SA-3.0", "no",
         "name the authors; no commercial use; share adaptations under the same licence"),
        ("CC-BY-NC-ND-4.0", "no",
         "name the authors; no commercial use; do not share adapted images"),
        ("unknown", "unknown", ""),
        ("", "unknown", ""),
        ("CC-BY-4.0 or better", "unknown", ""),
        ("CC-NC-4.0", "unknown", ""),
    ],
)  # fmt: skip
def test_terms(licence, commercial, conditions):
    terms = licences.terms(licence)
    assert (terms.commercial, terms.conditions) == (commercial, conditions)
    assert bool(terms.url) == (commercial != "unknown")


def test_every_licence_of_a_source_is_understood_or_called_unknown():
    for name in sources.names():
        licence = sources.get(name).licence
        assert (licences.terms(licence).commercial == "unknown") == (licence == "unknown"), licence
