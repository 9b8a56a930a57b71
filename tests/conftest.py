"""What holds for every test."""

from hypothesis import settings

# No test asserts how long something takes: on a busy machine that would fail for no fault of the code.
settings.register_profile("kastellan", deadline=None)
settings.load_profile("kastellan")
