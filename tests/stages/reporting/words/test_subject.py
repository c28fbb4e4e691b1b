"""The sentence that says what is predicted."""

from stages.reporting.words.subject import subject


def test_columns_are_those_of_the_table() -> None:
    """A date is one, of which a network gets four numbers."""
    profile = {
        "target": "rent",
        "target_range": {"minimum": 3, "maximum": 1200.5},
        "rows": 300,
        "columns": {"size": {}, "built": {}},
        "features": {name: {} for name in ("size", "built_year", "built_month", "built_days")},
    }
    said = "Predicted: rent (from 3 to 1200.5), from 2 columns and 300 rows."
    assert subject(profile) == said
