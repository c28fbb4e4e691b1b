"""The report: what it shows, that it is deterministic, and that it opens whatever was searched."""

import hashlib
import json
import re
import shutil
import sys
from html.parser import HTMLParser
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest
from made_up import report_the_search
from tiny import CSV, ROOT, commit, run

from stages import report
from stages.study import artifacts
from stages.study.artifacts import CROSS_VALIDATE, GRID_SEARCH

pytestmark = pytest.mark.xdist_group("study")


@pytest.fixture
def outcome(finished_study, tmp_path, monkeypatch):
    """What the stages before the report left, to change at will."""
    for name in ("data", "models"):
        shutil.copytree(finished_study / name, tmp_path / name)
    shutil.copy(finished_study / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Page(HTMLParser):
    """Collects what a page shows and refers to, and that its tags close."""

    VOID = ("meta", "img", "link", "br", "input")

    def __init__(self, text):
        super().__init__()
        self.open, self.images, self.text, self.targets, self.source = [], [], "", [], text
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.targets += [found[name] for name in ("src", "href") if name in found]
        if tag == "img":
            self.images.append(found)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += " ".join(data.split()) + " "


def page():
    return Page(Path("reports/report.html").read_text())


def test_the_page_tells_the_study(finished_study):
    shown = Page((finished_study / "reports/report.html").read_text())
    best = json.loads((finished_study / "data/grid_search/best.json").read_text())
    assert "the best of 2: " in shown.text
    assert f"{best['mean']:.3f}" in shown.text
    assert "768 rows of data/raw/pima-indians-diabetes.csv" in shown.text
    assert "Read as text, values between commas, utf-8: 768 rows." in shown.text
    assert "missing values: Glucose: 0 in 5 rows; BMI: 0.0 in 11 rows." in shown.text
    # Of the columns of which params.yaml says nothing.
    assert shown.text.count("Look at this") == 1
    assert "nothing was measured: 'BloodPressure' is 0 in 35 rows" in shown.text
    assert all(len(image["alt"]) > 20 for image in shown.images)
    figures = {path.stem for path in (finished_study / "reports/figures").glob("*.svg")}
    assert len(shown.images) == len(figures)
    assert all(target.startswith(("data:", "#")) for target in shown.targets)
    # What to do, what is predicted, what to expect; then a figure of it, and all else.
    verdict = json.loads((finished_study / "reports/verdict.json").read_text())
    (decision,) = re.findall(r'<p class="decision">(.*?)</p>', shown.source)
    assert verdict["in_words"][0].startswith(decision[:40])
    parts = ["decision", "Predicted: Outcome", "Expect accuracy", "figure-answer", 'id="worth"']
    parts += ['id="winner"', "figure-violins_1", 'id="base"', 'id="data-set"', 'id="provenance"']
    places = [shown.source.index(part, shown.source.index("<main>")) for part in parts]
    assert places == sorted(places)
    said = [" ".join(own.split()) for own in re.findall(r"<p>(.*?)</p>", shown.source, re.DOTALL)]
    assert len(said) == len(set(said))


def test_the_card_says_what_the_network_is_worth(finished_study):
    card = (finished_study / "reports/model_card.md").read_text()
    verdict = json.loads((finished_study / "reports/verdict.json").read_text())
    decision, expect, *_ = verdict["in_words"]
    assert card.index(decision) < card.index(expect) < card.index("as chosen")
    # What is written before that is known does not say it without the other.
    winner = (finished_study / "models/best/README.md").read_text()
    assert winner.index("`reports/model_card.md`") < winner.index("on the folds that chose it")


def test_the_page_says_where_it_comes_from(finished_study):
    """The commit before the results, the tree clean but for them."""
    shown = Page((finished_study / "reports/report.html").read_text())
    before = run("git", "rev-parse", "HEAD~1", cwd=finished_study).stdout.strip()
    assert f"{before} , tree clean" in shown.text
    assert f"git checkout {before[:12]} && make repro" in shown.text
    assert hashlib.sha256(CSV.read_bytes()).hexdigest() in shown.text
    for name in ("tensorflow", "keras", "scikit-learn"):
        assert f"{name} {version(name)}" in shown.text
    # 2 folds; 2 cells x 2 folds and a refit; that in each of 2 outer folds; 2 permutations; the
    # winner on 2 folds.
    assert "27 asked for (cross-validation 2, search and refit 5" in shown.text
    assert "looking closer at the winner 2" in shown.text
    assert "optimizer: [adam]" in shown.text


def test_changes_that_are_not_committed_are_named(study):
    params = study / "params.yaml"
    params.write_text(params.read_text().replace("best: 3", "best: 2"))
    run("dvc", "repro", "--quiet", cwd=study)
    shown = Page((study / "reports/report.html").read_text())
    assert "but with other content than that in params.yaml" in shown.text
    assert "git checkout" not in shown.text
    # It is what they say of it that stays true.
    commit(study, "Keep the change with what it made")
    (blob,) = re.findall("--find-object=([0-9a-f]+)", shown.text)
    found = run("git", "log", "--all", "--format=%H", f"--find-object={blob}", cwd=study).stdout
    assert found == run("git", "rev-parse", "HEAD", cwd=study).stdout


def test_figures_metrics_and_plot_data(finished_study):
    reports = finished_study / "reports"
    names = ["cells", "curves", "data", "effects", "folds", "predictions"]
    # Nothing varies with the one optimizer, so there is no pair.
    names += ["importance", "threshold", "violins_1", "violins_2", "winner"]
    files = sorted(path.name for path in (reports / "figures").iterdir())
    assert files == sorted(f"{name}.svg" for name in names)
    for path in (reports / "figures").glob("*.svg"):
        assert not re.search(r"<dc:date>|<dc:creator>", path.read_text())
    figures = json.loads((reports / "verdict.json").read_text())
    best = (finished_study / "data/grid_search/best.json").read_text()
    scores = pd.read_csv(finished_study / "data/cross_validate/scores.csv")
    assert figures["cross_validate"]["accuracy"]["mean"] == round(scores["accuracy"].mean(), 6)
    assert figures["grid_search"]["candidates"] == 2
    variance = figures["grid_search"]["variance"]
    assert list(variance["hyperparameters"]) == ["activation", "optimizer"]
    parts = [*variance.pop("hyperparameters").values(), *variance.values()]
    assert sum(parts) == pytest.approx(1, abs=1e-5) or sum(parts) == 0
    # Next to each other: as scikit-learn reports it, corrected, nested, chance, and baselines.
    assert figures["grid_search"]["best_mean"] >= figures["grid_search"]["cheapest"]["mean"]
    assert {"estimate", "low", "high"} <= figures["grid_search"]["bootstrap_corrected"].keys()
    assert {"mean", "sd", "folds", "chosen"} <= figures["nested_cv"].keys()
    assert figures["chance"]["permutations"] == 2
    assert len(figures["compared"]["models"]) == 5
    said = pd.read_parquet(finished_study / "data/grid_search/predictions.parquet")
    own = said[said["candidate"] == json.loads(best)["candidate"]]
    right = ((own["probability_1"] > own["probability_0"]) == own["truth"]).sum()
    assert figures["winner"]["right"] == right
    assert f"Right for {right} of 768 rows" in Page((reports / "report.html").read_text()).text
    page = Page((reports / "report.html").read_text()).text
    assert figures["in_words"]
    for sentence in figures["in_words"][1:]:
        assert sentence in page
    few = json.loads((reports / "metrics.json").read_text())
    assert few["answer"]["expected"] == figures["nested_cv"]["mean"]
    assert few["base_model"] == {
        name: own["mean"] for name, own in figures["cross_validate"].items()
    }
    folds = pd.read_csv(reports / "plots/folds.csv")
    assert folds.query("scorer == 'roc_auc'")["score"].tolist() == scores["roc_auc"].tolist()
    candidates = pd.read_csv(reports / "plots/candidates.csv")
    assert candidates["mean_test_score"].notna().all()


CALLS = """
import runpy, sys
for stage in ("preprocess", "report", "compare"):
    sys.argv = [stage]
    try: runpy.run_module(f"stages.{stage}", run_name="__main__")
    except SystemExit as end: assert not end.code, end.code
    print("did", stage, sorted({"tensorflow", "keras"} & {*sys.modules}))
"""


def test_equal_input_gives_equal_bytes_without_tensorflow(finished_study, study):
    """Although the results have been committed since; a comparison needs no TensorFlow either."""
    for name in ("report.html", "metrics.json", "verdict.json", "model_card.md"):
        (study / "reports" / name).unlink()
    said = run(sys.executable, "-c", CALLS, cwd=study, PYTHONDONTWRITEBYTECODE="1").stdout
    did = [line for line in said.splitlines() if line.startswith("did ")]
    assert did == ["did preprocess []", "did report []", "did compare []"]
    assert "workspace compared with HEAD" in said
    for made in ("data/prepared", "reports"):
        for path in (finished_study / made).rglob("*"):
            if path.is_file() and path.name != ".gitignore":
                again = study / path.relative_to(finished_study)
                assert again.read_bytes() == path.read_bytes(), path.name


def write_candidates(table: pd.DataFrame, **best) -> None:
    table = table.rename_axis("candidate").reset_index()
    table["std_test_score"] = 0.1
    table["rank_test_score"] = table["mean_test_score"].rank(ascending=False).fillna(99).astype(int)
    artifacts.write_csv(table, GRID_SEARCH / "cv_results.csv")
    settings = json.loads((GRID_SEARCH / "best.json").read_text()) | {"candidates": len(table)}
    artifacts.write_json(settings | best, GRID_SEARCH / "best.json")


def test_user_text_is_escaped(outcome):
    name = "<script>alert(1)</script>"
    write_candidates(pd.DataFrame({name: ["<b>", "&"], "mean_test_score": [0.5, 0.6]}))
    profile = artifacts.read_json(artifacts.PREPARED / "profile.json")
    for about in ("features", "columns"):
        profile[about][name] = profile[about].pop("Age")
    path = artifacts.PREPARED / "table.parquet"
    table = artifacts.read_parquet(path).rename(columns={"Age": name, "Outcome": "</script>"})
    artifacts.write_parquet(table, path)
    artifacts.write_json(profile | {"target": "</script>"}, artifacts.PREPARED / "profile.json")
    report.main()
    shown = page()
    assert name in shown.text
    assert shown.source.count("<script") == shown.source.count("</script") == 4


@pytest.mark.parametrize(
    "table",
    [
        {"a": [1], "mean_test_score": [0.5]},
        {"a": [1, 2, 10], "mean_test_score": [0.5, 0.5, 0.5]},
        {"a": [1, 2], "mean_test_score": [0.5, None]},
        {"a": ["[2]", "[3, 2]"], "b": [0.001, 1e-05], "mean_test_score": [0.5, 0.6]},
        {"a": [True, False], "b": ["x", "x"], "mean_test_score": [0.5, 0.6]},
    ],
    ids=["one cell", "all equal", "a failed cell", "lists and small numbers", "truth values"],
)
def test_any_search_has_a_report(outcome, table):
    write_candidates(pd.DataFrame(table), failed_fits=1)
    report_the_search()
    assert f"1 of {2 * len(table['a'])} fits failed" in page().text
    assert "none: not in a git repository" in page().text


def test_numbers_are_ordered_by_size(outcome):
    write_candidates(pd.DataFrame({"a": [10, 9, 100], "mean_test_score": [0.5, 0.6, 0.7]}))
    report_the_search()
    svg = Path("reports/figures/violins_1.svg").read_text()
    places = [svg.index(f">{value}</text>") for value in (9, 10, 100)]
    assert places == sorted(places)


def test_what_is_missing_is_named(outcome):
    (CROSS_VALIDATE / "summary.json").unlink()
    command = ("python", "-m", "stages.report")
    said = run(*command, cwd=outcome, PYTHONPATH=str(ROOT), check=False).stderr
    assert "data/cross_validate/summary.json: no such file" in said
