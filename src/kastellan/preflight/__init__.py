"""The preflight: facts judged against requirements by pure checks; what was collected can be judged again, offline."""
