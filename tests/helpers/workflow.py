"""The steps of the workflow for pull requests, by name."""

from ruamel.yaml import YAML
from tiny import ROOT

WORKFLOW = ROOT / ".github/workflows/study.yml"
JOBS = YAML(typ="safe").load(WORKFLOW)["jobs"]
SCRIPTS = {
    step["name"]: step["run"] for job in JOBS.values() for step in job["steps"] if "run" in step
}
