"""The steps of the workflow for pull requests, by name."""

from ruamel.yaml import YAML
from tiny import ROOT

WORKFLOW = ROOT / ".github/workflows/study.yml"
STEPS = YAML(typ="safe").load(WORKFLOW)["jobs"]["compare"]["steps"]
SCRIPTS = {step["name"]: step["run"] for step in STEPS if "run" in step}
