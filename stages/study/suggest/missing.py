"""Cells that may mean missing."""

#: Words that mean missing in a column of numbers, whatever their case.
WORDS = {
    *("none", "nil", "unknown", "missing", "n.a.", "n/a", "na", "nan", "null", "not available"),
    *("not applicable", "not known", "undefined", "no data", "nd", "--", "---", ".", "..", "*"),
    *("#null!", "#div/0!", "#value!", "unbekannt", "k.a.", "keine angabe"),
}
