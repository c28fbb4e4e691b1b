"""A study that init begins."""

import suggesting

begin, study = suggesting.begin, suggesting.study
