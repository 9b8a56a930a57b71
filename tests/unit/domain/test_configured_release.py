"""What a stack's file has to say for a release to be brought."""

import pytest

from kastellan.domain.configured_release import ConfiguredRelease, configured_for
from kastellan.domain.errors import BlockedError
from kastellan.domain.image import Image, ImageSet
from kastellan.domain.release import Release
from kastellan.domain.version import Version

OLD, NEW = Version.parse("v4.13.0"), Version.parse("v4.13.1")


def images(host: str, digit: str) -> ImageSet:
    digest = "sha256:" + digit * 64
    return ImageSet(zitadel=Image(f"{host}/zitadel", digest), login=Image(f"{host}/login", digest))


def release(found: ImageSet | None) -> Release:
    return Release(version=NEW, published=None, reachable_from=OLD, images=found)


def test_a_file_that_leaves_images_to_the_catalogue_gets_the_version_alone() -> None:
    current = ConfiguredRelease(version=OLD)
    assert configured_for(current, release(None)) == ConfiguredRelease(version=NEW)
    assert configured_for(current, release(images("ghcr.io", "b"))) == ConfiguredRelease(version=NEW)


def test_a_mirror_is_kept_and_gets_the_digests_of_the_catalogue() -> None:
    current = ConfiguredRelease(version=OLD, images=images("mirror.customer.example", "a"))
    wanted = configured_for(current, release(images("ghcr.io/zitadel", "b")))
    assert wanted == ConfiguredRelease(version=NEW, images=images("mirror.customer.example", "b"))


def test_images_that_nobody_knows_block_the_update_before_anything_is_written() -> None:
    current = ConfiguredRelease(version=OLD, images=images("ghcr.io", "a"))
    with pytest.raises(BlockedError, match=r"installation:images: the catalogue knows no image digests of v4\.13\.1"):
        configured_for(current, release(None))


def test_the_same_version_keeps_the_images_that_the_file_names() -> None:
    current = ConfiguredRelease(version=NEW, images=images("mirror.customer.example", "a"))
    assert configured_for(current, release(None)) == current
