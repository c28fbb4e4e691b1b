"""How the fits of a search become lanes of a program."""

from drawing import BLUE, GREEN, INK, LIGHT, LINE, ORANGE, PALE, Drawing

#: Candidates differ in their activation and in how long they are trained.
CANDIDATES = [(name, epochs) for name in ("tanh", "relu") for epochs in (5, 10, 25)]
FOLDS = 3
COLOURS = {"tanh": BLUE, "relu": ORANGE}
#: Pixels of an epoch, and of a lane with the room below it.
EPOCH, LANE = 11, 26


def draw() -> str:
    """Return the diagram."""
    picture = Drawing(980, 330, "The fits of a grid search as lanes of one program")
    _fits(picture)
    picture.arrow("M226 165H272")
    _lanes(picture)
    picture.arrow("M716 165H762")
    _results(picture)
    return picture.svg()


def _heading(picture: Drawing, x: float, number: int, text: str, more: str, letters: int) -> None:
    picture.words(x, 30, f"{number}. {text}", 14, INK, bold=True)
    picture.paragraph(x, 50, more, letters)


def _fits(picture: Drawing) -> None:
    """Draw the candidates as rows of fits, one for each fold."""
    _heading(picture, 20, 1, "18 fits are asked for", "six candidates, each on three folds", 36)
    for fold in range(FOLDS):
        picture.words(124 + 32 * fold, 92, f"fold {fold + 1}", 10, PALE)
    for row, (name, epochs) in enumerate(CANDIDATES):
        y = 100 + 30 * row
        picture.words(20, y + 16, f"{name}, {epochs} epochs", 12)
        for fold in range(FOLDS):
            picture.box(126 + 32 * fold, y, 24, 22, COLOURS[name])


def _lanes(picture: Drawing) -> None:
    """Draw the lanes, with marks where a shorter fit ends on the way of a longer one."""
    _heading(
        picture,
        290,
        2,
        "6 lanes ride in one program, traced once",
        "weights are one tensor, a lane in front; each step is a mini-batch of every lane",
        66,
    )
    picture.box(284, 88, 424, 210, LIGHT, BLUE)
    for lane in range(2 * FOLDS):
        name, y = ("tanh", "relu")[lane // FOLDS], 108 + LANE * lane
        picture.words(296, y + 13, f"{name}, fold {lane % FOLDS + 1}", 12)
        picture.box(396, y, 25 * EPOCH, 18, COLOURS[name])
        for epochs in (5, 10, 25):
            x = 396 + epochs * EPOCH - (7 if epochs == 25 else 0)
            picture.parts.append(
                f'<circle cx="{x}" cy="{y + 9}" r="5" fill="#ffffff" stroke="{GREEN}"/>'
            )
    for epochs in (5, 10, 25):
        x = 396 + epochs * EPOCH
        picture.parts.append(f'<path d="M{x} 262V270" stroke="{LINE}"/>')
        picture.words(x - 8, 284, str(epochs), 11, PALE)
    picture.words(296, 284, "epoch", 11, PALE)


def _results(picture: Drawing) -> None:
    """Say what comes out."""
    _heading(picture, 780, 3, "18 fits come back", "each with the numbers of", 30)
    picture.words(780, 66, "a model.fit of its own", 12, PALE)
    for row, text in enumerate(("weights", "history by epoch", "outputs for its test rows")):
        y = 110 + 34 * row
        picture.box(780, y, 180, 26, "#ffffff", GREEN)
        picture.words(790, y + 17, text, 12)
    picture.paragraph(
        780,
        232,
        "White circles: a fit of 5 or 10 epochs is where the lane of 25 epochs passes through, "
        "so it costs nothing more.",
        30,
    )
