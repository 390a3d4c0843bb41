from __future__ import annotations

import hashlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cytoimagenet_tfds import hashing

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)


def test_the_hash_is_fixed_forever():
    """Splits and crops of released datasets depend on it."""
    digest = hashlib.blake2b(b"0\x1fsplit\x1fbbbc006/a", digest_size=8).digest()
    assert hashing.stable_hash(0, "split", "bbbc006/a") == int.from_bytes(digest, "big")
    assert hashing.stable_hash(0, "split", "bbbc006/a") == 0x3515E62DD68D88D4
    assert hashing.hex_digest("a", 1) == "4dca2b5fc990b270"


def test_parts_do_not_run_into_each_other():
    assert hashing.stable_hash("ab", "c") != hashing.stable_hash("a", "bc")
    assert hashing.stable_hash("a") != hashing.stable_hash("a", "")


@given(st.integers(), TEXT, st.lists(TEXT))
def test_hashes_of_many_keys_equal_those_of_each(seed, purpose, keys):
    found = hashing.hash_keys(seed, purpose, keys)
    assert found.dtype == np.uint64
    assert found.shape == (len(keys),)
    assert found.tolist() == [hashing.stable_hash(seed, purpose, key) for key in keys]


def test_purposes_are_independent():
    keys = [f"key {number}" for number in range(200)]
    split, sample = hashing.hash_keys(0, "split", keys), hashing.hash_keys(0, "sample", keys)
    assert not np.array_equal(np.argsort(split), np.argsort(sample))
    assert len(set(split.tolist())) == 200


def test_hashes_are_spread_evenly():
    found = hashing.hash_keys(7, "split", map(str, range(10_000)))
    below = (found < np.uint64(2**64 // 10)).mean()
    assert abs(below - 0.1) < 0.02


def test_hex_digest_has_the_length_asked_for():
    assert len(hashing.hex_digest("a", length=40)) == 40
    assert hashing.hex_digest("a", length=8) == hashing.hex_digest("a")[:8]


def test_a_generator_belongs_to_its_key():
    one = hashing.generator(0, "crop", "a").random(4)
    np.testing.assert_array_equal(one, hashing.generator(0, "crop", "a").random(4))
    assert not np.array_equal(one, hashing.generator(0, "crop", "b").random(4))
    assert not np.array_equal(one, hashing.generator(1, "crop", "a").random(4))
