"""What holds for every test."""

import os

from hypothesis import settings

# No test asserts how long something takes: on a busy machine that would fail for no fault of the code. Property tests
# try few examples while one works, and many in CI (`CI=true`), where they find the rare ones.
settings.register_profile("quick", deadline=None, max_examples=15)
settings.register_profile("ci", deadline=None, max_examples=100, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "quick")
