"""docs/reference/keras.md lists every public name of Keras, with what the code says of it."""

import keras_list
import pytest

from gridlanes.programs.supported import LAYERS


def written():
    """Return heading -> row -> what the page says of it."""
    parts = keras_list.PAGE.read_text().split("\n## ")[1:]
    found = {}
    for part in parts:
        heading, *lines = part.splitlines()
        cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
        found[heading] = dict(cell for cell in cells if len(cell) == 2 and cell[0] != "---")
    return found


def test_every_public_name_is_listed():
    """If this fails, `python tests/helpers/keras_list.py` writes the page anew."""
    page = written()
    assert page.keys() == keras_list.PARTS.keys()
    for heading in keras_list.PARTS:
        assert list(page[heading]) == list(keras_list.titles(heading))


@pytest.mark.parametrize("heading", [one for one in keras_list.PARTS if one != "Layers"])
def test_the_page_says_what_the_code_says(heading):
    assert written()[heading] == keras_list.rows(heading)


def test_layers_ride_that_lanes_know_and_no_others():
    page, titles = written()["Layers"], keras_list.titles("Layers")
    known = [title for title, own in titles.items() if own.__name__ in LAYERS]
    assert len(known) == len(LAYERS)
    assert [title for title in known if not page[title].startswith("rides")] == []
    others = [title for title in titles if title not in known and page[title].startswith("rides")]
    # These have shown that they do: what has weights cannot.
    assert [title for title in others if "build" in vars(titles[title])] == []


@pytest.mark.soak
def test_the_page_says_what_the_code_says_of_layers():
    assert written()["Layers"] == keras_list.rows("Layers")
