"""What holds in all tests: no time limit for a single example, as the first may have to compile."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
