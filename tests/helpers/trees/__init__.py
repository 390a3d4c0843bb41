"""Small simulated downloads of the sources: exact real names and formats, made-up pixels.

One module per source, called as the source, with

    make(root: Path) -> None      writes the tree below root
    ROWS: int                     rows expected from it, excluded ones counted too
    EXPECTED: dict[str, dict]     key of a row -> columns and the values they must have
"""
