"""CurationConfig: validated at once, immutable, the same name for the same values."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys

import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.curation import CurationConfig


def test_defaults_are_those_of_the_paper():
    config = CurationConfig()
    assert (config.min_images, config.min_class, config.target, config.cap) == (
        287,
        287,
        1000,
        1000,
    )
    assert config.presample == 10_000
    assert config.crops_per_image == ((400, 4), (550, 3), (1000, 2))


@pytest.mark.parametrize(
    ("values", "minimum"),
    [
        ({}, 287),
        ({"min_images": 2}, 2),
        ({"protocol": "paper_release"}, 500),
        ({"protocol": "paper_release", "min_class": 3}, 3),
        ({"unseen": 20}, 1),
    ],
)
def test_smallest_class_follows_from_the_other_values(values, minimum):
    assert CurationConfig(**values).min_class == minimum


def test_json_round_trip_gives_an_equal_config():
    config = CurationConfig(
        sources=("idr0016", "bbbc006"), min_images=5, crops_per_image=((10, 4),),
        replacements=(("compound", "a", "b"),), split="paper", validation_fraction=0.2,
    )  # fmt: skip
    assert CurationConfig.from_json(config.to_json()) == config
    assert CurationConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    assert hash(CurationConfig.from_json(config.to_json())) == hash(config)


def test_name_differs_where_any_value_differs():
    other = {
        "sources": ("a",), "licences": ("a",), "modalities": ("a",), "categories": ("gene",),
        "labels": ("a",), "seed": 1, "min_images": 286, "min_class": 286, "target": 999,
        "cap": 999, "presample": 9999, "crops_per_image": (), "supplement": True, "unseen": 1,
        "protocol": "paper_release", "strata": "reference", "split": "paper",
        "validation_fraction": 0.2, "vocabulary": False, "replacements": (("*", "a", "b"),),
    }  # fmt: skip
    assert set(other) == {field.name for field in dataclasses.fields(CurationConfig)}
    configs = [CurationConfig(), *(CurationConfig(**{k: v}) for k, v in other.items())]
    assert len({config.name for config in configs}) == len(configs)


def test_name_does_not_depend_on_order_process_or_spelled_out_defaults():
    config = CurationConfig(sources=("b", "a", "a"), min_images=7)
    same = CurationConfig(sources=("a", "b"), min_images=7, seed=0, min_class=7)
    assert config == same
    code = (
        "from cytoimagenet_tfds.curation import config;"
        "print(config.CurationConfig(sources=['a', 'b'], min_images=7).name)"
    )
    run = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
        capture_output=True, text=True, check=True,
        env={"PYTHONHASHSEED": "11"},
    )  # fmt: skip
    assert run.stdout.strip() == config.name == same.name


def test_all_problems_are_told_at_once():
    with pytest.raises(errors.ConfigError) as caught:
        CurationConfig(
            min_images=2000, min_class=1500, target=1000, cap=1000, presample=500,
            categories=("phenotyp",), split="random", validation_fraction=0.9,
            crops_per_image=((550, 3), (400, 5)), replacements=(("colour", "a", "b"),),
        )  # fmt: skip
    message = str(caught.value)
    for words in (
        "min_images (2,000) is above target (1,000)", "min_class (1,500) is above cap (1,000)",
        "target (1,000) is above presample (500)", "'phenotyp'", "phenotype", "'random'", "paper",
        "validation_fraction is 0.9", "[550, 400]", "5 crops", "'colour'",
    ):  # fmt: skip
        assert words in message


def test_wrong_types_are_told_at_once():
    with pytest.raises(errors.ConfigError) as caught:
        CurationConfig(seed="1", min_images=2.5, sources="bbbc006", labels=(1,), supplement=1)
    message = str(caught.value)
    for name in ("seed", "min_images", "sources", "labels", "supplement"):
        assert f"{name} " in message


def test_unknown_field_names_the_nearest():
    with pytest.raises(errors.ConfigError, match=r"'min_image'. Did you mean 'min_images'"):
        CurationConfig.from_dict({"min_image": 3})
    with pytest.raises(errors.ConfigError, match="no JSON"):
        CurationConfig.from_json("{")
    with pytest.raises(errors.ConfigError, match="JSON list"):
        CurationConfig.from_json("[]")


def test_config_is_immutable():
    with pytest.raises(dataclasses.FrozenInstanceError):
        CurationConfig().seed = 2  # type: ignore[misc]
