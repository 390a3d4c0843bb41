"""The config `release`: the published archive as it is, checked against what was published.

The folder is not called `release`: in `builders/`, TFDS would take `tfds build
cytoimagenet/release` for a dataset in the folder of that name.
"""
