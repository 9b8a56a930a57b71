"""In which account and region the limits of a fleet count an installation."""

from pathlib import Path
from typing import Any

import pytest

from kastellan.cli.fleet_survey import fleet_place
from kastellan.config.stack import parse_stack
from kastellan.domain.fleet import Place
from tests.unit.config.test_aws_stack import GOOD as ON_AWS
from tests.unit.config.test_google_stack import GOOD as ON_GOOGLE
from tests.unit.config.test_stack import GOOD as ELSEWHERE


@pytest.mark.parametrize(
    ("values", "said", "expected"),
    [
        (ON_GOOGLE, None, Place(account="acme-zitadel", region="europe-west6")),
        (ON_AWS, None, Place(account="123456789012", region="eu-central-2")),
        (ON_AWS, Place(account="shared"), Place(account="shared", region="eu-central-2")),
        (ON_AWS, Place(account="shared", region="zurich"), Place(account="shared", region="zurich")),
        (ELSEWHERE, Place(account="customer's own", region="zurich"), Place(account="customer's own", region="zurich")),
        (ELSEWHERE, None, Place()),
    ],
)
def test_the_stacks_own_file_says_it_unless_the_fleet_file_does(
    values: dict[str, Any], said: Place | None, expected: Place
) -> None:
    assert fleet_place(parse_stack("acme", values, folder=Path.cwd()), said) == expected
