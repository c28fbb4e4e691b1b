"""What the name of a column tells of it."""

import re

#: Names that end so are of what stands for a row or a thing, and says nothing of it.
IDS = {
    *("id", "ids", "uuid", "guid", "key", "rowid", "row", "rownames", "rownumber"),
    *("no", "nr", "number", "serial", "unnamed", "code"),
}

#: What rows may belong to.
OWNERS = {
    *("subject", "patient", "participant", "person", "user", "customer", "client", "household"),
    *("family", "animal", "mouse", "donor", "respondent", "student", "pupil", "employee"),
    *("member", "player", "driver", "owner", "specimen", "machine", "engine", "device", "session"),
}

#: What else rows may belong to, and be described by as well.
PLACES = {
    *("store", "shop", "branch", "site", "hospital", "clinic", "school", "center", "centre"),
    *("farm", "batch", "station", "vendor", "seller", "supplier", "team", "village", "vehicle"),
}

#: How owners are cut short before id.
SHORT = {"p", "pt", "pat", "subj", "subject", "cust", "part", "resp", "emp", "stud"}

#: How weights of rows are called, and what is said in front.
WEIGHTS = {
    *("weight", "weights", "wt", "wgt", "wts", "perwt", "hhwt", "fnlwt", "fnlwgt", "pweight"),
    *("wtfinl", "finalweight", "sampleweight", "instweight", "gewicht"),
}
SAMPLES = {
    *("sample", "sampling", "survey", "case", "row", "instance", "person", "household", "final"),
    *("design", "population", "frequency", "probability", "inverse", "post", "stratification"),
}

#: What rows may be ordered by.
TIMES = {"date", "datetime", "time", "timestamp", "year", "month", "week", "day", "period"}


def words(name: str) -> list[str]:
    """Return the words of a name, such as ``customer`` and ``id`` of ``CustomerID``."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return [word.lower() for word in re.findall(r"[^\W\d_]+", apart)]


def is_id(name: str) -> bool:
    """Return whether a name is that of an id."""
    own = words(name)
    # That of a row, not of prices.
    if own[-1:] and own[-1] in ("index", "idx"):
        return own[:-1] in ([], ["row"])
    return bool(IDS & {*own[-1:]})


def is_owner(name: str) -> bool:
    """Return whether a name is of what several rows may belong to: ``patient``, ``user_id``.

    ``patients`` is how many there are.
    """
    own = words(name)
    # As in ``pid`` and ``PATIENTID``.
    if any(word.endswith("id") and word[:-2] in OWNERS | SHORT for word in own):
        return True
    return _names_one_of(OWNERS, name)


def is_place(name: str) -> bool:
    """Return whether a name is of a place, or of what else has several rows: ``store_nr``."""
    return _names_one_of(PLACES, name)


def _names_one_of(things: set[str], name: str) -> bool:
    own = words(name)
    return bool(things & {*own}) and (len(own) == 1 or is_id(name) or own[-1] == "name")


def is_weight(name: str) -> bool:
    """Return whether a name may be of a weight of rows: ``perwt``, ``sample_weight``, ``weight``.

    ``birth_weight`` is none.
    """
    own = words(name)
    return own[-1:] != [] and own[-1] in WEIGHTS and {*own[:-1]} <= SAMPLES


def is_time(name: str) -> bool:
    """Return whether a name is of a time."""
    return bool(TIMES & {*words(name)})
