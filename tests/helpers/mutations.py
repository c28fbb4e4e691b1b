"""Files as people spoil them: pieces left out, doubled, moved, and what does not belong there."""

from hypothesis import strategies as st

#: What is put into a file.
ODD = [
    *'"\'`#:;,.-[]{}()<>|&*!%@\\\t\n\r\x00\x1b\x9b\u2028\ufeff\u202eé',
    "null", "true", "~", "nan", ".nan", "inf", "-1", "0", "1e999", "0x1F", "2001-01-01", "!!set ",
    "!!binary ", "<<: *a", "&a ", "---\n", "\n\n", "  ", "\\ud800", "''", "[]", "{}", "=1+1", "raise ",
    "import os\n", "None", "return ", "lambda", "tcp://", "[::1", "a..b",
]  # fmt: skip

#: Operation, where it begins and ends as shares of the text, and what it puts there.
_STEP = st.tuples(
    st.sampled_from(["drop", "double", "put", "replace", "line"]),
    st.floats(0, 1),
    st.integers(0, 12),
    st.sampled_from(ODD),
)
MUTATIONS = st.lists(_STEP, min_size=1, max_size=3)


def mutated(text: str, mutations: list) -> str:
    """Return a text after some steps of :data:`MUTATIONS`."""
    for kind, place, length, odd in mutations:
        start = int(place * len(text))
        end = start + length
        if kind == "line":
            start = text.rfind("\n", 0, start) + 1
            end = (text.find("\n", start) + 1) or len(text)
        put = {"put": odd + text[start:end], "replace": odd, "double": 2 * text[start:end]}
        text = text[:start] + put.get(kind, "") + text[end:]
    return text
