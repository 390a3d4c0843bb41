from __future__ import annotations

import numpy as np

from cytoimagenet_tfds.training import views

IMAGES = np.arange(2 * 3 * 3 * 1, dtype=np.uint8).reshape(2, 3, 3, 1)


def test_the_eight_views_are_all_different_and_the_first_is_the_image():
    made = [views.view(IMAGES, number) for number in range(views.MOST)]
    np.testing.assert_array_equal(made[0], IMAGES)
    assert len({image.tobytes() for image in made}) == views.MOST
    assert all(sorted(image.ravel()) == sorted(IMAGES.ravel()) for image in made)


def test_predictions_are_means_over_the_views():
    def corner(images):
        return images[:, 0, 0].astype(np.float32)

    corners = IMAGES[:, [0, 0, 2, 2], [0, 2, 0, 2], 0].mean(axis=1)
    np.testing.assert_allclose(views.averaged(corner, 8)(IMAGES)[:, 0], corners)
    assert views.averaged(corner, 1) is corner
