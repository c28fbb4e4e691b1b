"""What a study is evidence of, in figures: estimates, intervals, tests, and a decision."""
