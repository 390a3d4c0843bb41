"""What the three sources out of ndev-sampledata share."""

from __future__ import annotations

PAGE = "https://pypi.org/project/ndev-sampledata/0.0.3/"
LICENCE = "BSD-3-Clause"
CITATION = """@misc{monko2025ndev,
  title={ndev-sampledata: sample data for the ndev kit},
  author={Monko, Tim},
  year={2025},
  note={version 0.0.3},
  url={https://github.com/ndev-kit/ndev-sampledata}
}"""
