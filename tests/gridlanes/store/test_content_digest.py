"""Digests tell apart what differs, and nothing else, in every process."""

import functools
import re
import subprocess
import sys
import threading
import types

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import ROOT

from gridlanes.store.content_digest import content
from gridlanes.store.digests import NoContentError

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def exactly(value):
    """Return a form in which 1, 1.0 and True differ."""
    if isinstance(value, dict):
        return ("dict", [(exactly(k), exactly(v)) for k, v in value.items()])
    if isinstance(value, list):
        return ("list", [exactly(own) for own in value])
    return (type(value).__name__, repr(value))


@given(plain, plain)
def test_data_are_equal_if_their_digests_are(one, other):
    assert (content(one) == content(other)) == (exactly(one) == exactly(other))


def module(source, **names):
    """Return a module of the user's with this source."""
    made = types.ModuleType("users_own")
    made.__dict__.update(names)
    exec(compile(source, "anywhere", "exec"), made.__dict__)
    return made


def function(source, **names):
    return module(source, **names).f


SAME = {
    "comment": ("def f(x): return x + 1", "# why\ndef f(x):\n    return x + 1  # here"),
    "docstring": ("def f(x): return x + 1", 'def f(x):\n    "adds"\n    return x + 1'),
    "other docstring": ('def f(x):\n    "a"\n    return x', 'def f(x):\n    "b"\n    return x'),
    "class docstring": ("class f:\n    a = 1", 'class f:\n    "doc"\n    a = 1'),
    "place of a class": (
        "def f():\n    class g:\n        a = 1\n    return g",
        "def f():\n\n\n    class g:\n        a = 1\n    return g",
    ),
    "unused global": ("a = 1\ndef f(x): return x", "a = 2\ndef f(x): return x"),
    "order of a set": ("f = {'a', 'b', 'c'}", "f = {'c', 'b', 'a'}"),
}


@pytest.mark.parametrize("name", SAME)
def test_what_changes_nothing(name):
    one, other = (content(function(source)) for source in SAME[name])
    assert one == other


DIFFERENT = {
    "constant": ("def f(x): return x + 1", "def f(x): return x + 2"),
    "text": ("def f(x): return x['a']", "def f(x): return x['b']"),
    "text in a comprehension": (
        "f = lambda x: [x['a'] for _ in x]",
        "f = lambda x: [x['b'] for _ in x]",
    ),
    "lambda": ("f = lambda: 'a'", "f = lambda: 'b'"),
    "two lambdas on a line": (
        "f = [lambda x: x * 2, lambda x: x * 3][0]",
        "f = [lambda x: x * 2, lambda x: x * 3][1]",
    ),
    # From Python 3.13 on a class has the number of its line, here one of its own numbers.
    "class on the line of its number": (
        "def f():\n    class g: a = 2\n    return g",
        "def f():\n\n    class g: a = 3\n    return g",
    ),
    "name": ("def f(x): return x.real", "def f(x): return x.imag"),
    "default": ("def f(x=1): return x", "def f(x=2): return x"),
    "keyword default": ("def f(*, x=1): return x", "def f(*, x=2): return x"),
    "global": ("a = 1\ndef f(x): return x + a", "a = 2\ndef f(x): return x + a"),
    "global two deep": (
        "a = 1\ndef g(): return a\ndef f(): return g()",
        "a = 2\ndef g(): return a\ndef f(): return g()",
    ),
    "inner function": (
        "def f():\n    def g(): return 1\n    return g",
        "def f():\n    def g(): return 2\n    return g",
    ),
    "closure": (
        "def m(a): return lambda x: a * x\nf = m(1)",
        "def m(a): return lambda x: a * x\nf = m(2)",
    ),
    "attribute": ("def f(): return f.a\nf.a = 1", "def f(): return f.a\nf.a = 2"),
    "class attribute": ("class f:\n    a = 1", "class f:\n    a = 2"),
    "method": ("class f:\n    def g(self): return 1", "class f:\n    def g(self): return 2"),
    "property": (
        "class f:\n    g = property(lambda self: 1)",
        "class f:\n    g = property(lambda self: 2)",
    ),
    "base": ("class g:\n    a = 1\nclass f(g): pass", "class g:\n    a = 2\nclass f(g): pass"),
    "instance": ("class g: pass\nf = g(); f.a = 1", "class g: pass\nf = g(); f.a = 2"),
    "attribute of a dict": (
        "class g(dict): pass\nf = g(); f.a = 1",
        "class g(dict): pass\nf = g(); f.a = 2",
    ),
    "method of a tuple": (
        "class g(tuple):\n    def g(self): return 1\nf = g()",
        "class g(tuple):\n    def g(self): return 2\nf = g()",
    ),
    "number": ("f = 1", "f = 1.0"),
    "array type": (
        "import numpy\nf = numpy.zeros(2)",
        "import numpy\nf = numpy.zeros(2, 'float32')",
    ),
    "array shape": (
        "import numpy\nf = numpy.zeros((2, 3))",
        "import numpy\nf = numpy.zeros((3, 2))",
    ),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_changes_something(name):
    one, other = (content(function(source)) for source in DIFFERENT[name])
    assert one != other
    assert one == content(function(DIFFERENT[name][0]))


def test_an_attribute_of_a_module_counts_if_it_is_named():
    def told(**names):
        helper = types.ModuleType("users_helper")
        helper.__dict__.update(names)
        return content(function("def f(x): return helper.strength * x", helper=helper))

    assert told(strength=1) != told(strength=2)
    assert told(strength=1) == told(strength=1, other=3)


def test_patterns_of_texts():
    assert content(re.compile("a+")) == content(re.compile("a+"))
    others = re.compile("b+"), re.compile("a+", re.IGNORECASE)
    assert len({content(re.compile("a+")), *map(content, others)}) == 3


def test_partials_and_remembered_functions():
    assert content(functools.partial(max, 1)) != content(functools.partial(max, 2))
    one, other = (functools.lru_cache(function(source)) for source in DIFFERENT["constant"])
    assert content(one) != content(other)


@pytest.mark.parametrize(
    "value",
    [
        threading.Lock(),
        (number for number in range(3)),
        np.ma.masked_array([1, 2], [True, False]),
        function("def f():\n    from users_other import g\n    return g"),
        function("def f():\n    from .other import g\n    return g"),
        np.random.default_rng(0).normal,
        types.ModuleType("users_module"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_told_is_refused(value):
    with pytest.raises(NoContentError):
        content(value)


def test_code_of_the_users_that_raises_is_refused():
    class Raising:
        @property
        def shape(self):
            raise RuntimeError("not now")

        @property
        def get_config(self):
            raise RuntimeError("not now")

    deep = ()
    for _ in range(5000):
        deep = (deep,)
    for value in (Raising(), deep):
        with pytest.raises(NoContentError):
            content(value)


def test_what_leads_back_to_itself_has_a_digest():
    one: list = [1]
    one.append(one)
    assert content(one) != content([1, [1]])
    assert content(function("def f(n): return n and f(n - 1)"))


def test_digests_are_those_of_other_processes():
    sources = [source for pair in DIFFERENT.values() for source in pair]
    code = (
        "import sys; sys.path[:0] = ['.', 'tests/helpers', 'tests/gridlanes/store']\n"
        "from test_content_digest import *\n"
        "for pair in DIFFERENT.values():\n"
        "    for source in pair: print(content(function(source)).hex())\n"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.split() == [content(function(source)).hex() for source in sources]
