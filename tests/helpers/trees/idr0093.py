"""idr0093: two passes of a site, a plate that came twice, a site without its fourth channel."""

from __future__ import annotations

from pathlib import Path

from trees import _idr, _write

EARLY, LATE = "20200901-rsync/01_batch/002", "20201026-rsync/002"
OTHER = "20200810-rsync/05_batch/082"
# Acquisition -> channels: two are taken at once in each pass.
PASSES = {1: (1, 3), 2: (2, 4), 3: (5,)}


def _names(folder: str, well: str, site: int) -> list[str]:
    stem = f"{folder}/200723-screen_{well}_T0001F{site:03d}L01A"
    names = {c: f"{stem}{a:02d}Z01C{c:02d}.tif" for a, cs in PASSES.items() for c in cs}
    return [names[channel] for channel in sorted(names)]


FIELDS = {
    f"{LATE}/A01_F1": _names(LATE, "A01", 1), f"{LATE}/A01_F9": _names(LATE, "A01", 9)[:3],
    f"{EARLY}/A01_F1": _names(EARLY, "A01", 1), f"{OTHER}/P24_F5": _names(OTHER, "P24", 5),
}  # fmt: skip


def make(root: Path) -> None:
    for names in FIELDS.values():
        _idr.planes(root, names)
    _write.image(root, f"{LATE}/SC_BP445-45_40x_M10_CH01.tif", dtype="uint16")
    columns = (
        "Plate", "Well", "Gene Identifier", "Gene Symbol", "siRNA Pool Identifier 1",
        "siRNA Pool Identifier 2", "siRNA Pool Identifier 3", "Sense Sequence 1", "Control Type",
        "Phenotype", "Phenotype Term Name",
    )  # fmt: skip
    lines = [
        ("002", "A1", "ENSG0", "POLR2B", "s10427", "s21749", "s7902", "ACGU", "",
         "increased nascent RNA", "transcription"),
        ("082", "P24", "", "", "", "", "", "", "negative control", "", ""),
    ]  # fmt: skip
    rows = [dict(zip(columns, line, strict=True)) for line in lines]
    _idr.table(root, "idr0093-screenA-annotation.csv.gz", rows)
    server = f"{_idr.SERVER}/idr0093-mueller-perturbation"
    places = [
        (f"{server}/{LATE}/002.wpi", "002"),
        (f"{server}/{OTHER}/No Response Detected.wpi", "082"),
    ]
    _idr.places(root, "idr0093-screenA-plates.tsv", places)
    _write.debris(root, FIELDS[f"{LATE}/A01_F1"][0])


ROWS = len(FIELDS)
EXPECTED = {
    f"idr0093/{LATE}/A01_F1": {
        "files": "|".join(FIELDS[f"{LATE}/A01_F1"]), "missing": "", "excluded": "",
        "cell_visible": "nucleus|rna|pcna|cytoplasm", "sirna": "s10427|s21749|s7902",
        "gene": "polr2b targeted", "phenotype": "increased nascent rna", "plate": "002",
        "well": "A01", "site": "1", "group": "idr0093:002/A01", "cell_type": "hela", "control": "",
    },
    f"idr0093/{LATE}/A01_F9": {"missing": "f_cytoplasm", "site": "9"},
    f"idr0093/{EARLY}/A01_F1": {"excluded": "copy", "group": "idr0093:002/A01"},
    f"idr0093/{OTHER}/P24_F5": {
        "control": "negative", "sirna": "", "batch": "05_batch", "plate": "082", "excluded": "",
    },
}  # fmt: skip
SPARE = f"idr0093/{OTHER}/P24_F5"
