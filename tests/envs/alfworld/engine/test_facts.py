import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.alfworld.engine.facts import Facts, satisfiable, solutions
from envs.alfworld.engine.pddl import Literal

OBJECTS = ["a", "b", "c"]
TERMS = st.sampled_from(["?x", "?y", "?z", *OBJECTS])
FACTS = st.one_of(
    st.tuples(st.just("one"), st.tuples(st.sampled_from(OBJECTS))),
    st.tuples(st.just("two"), st.tuples(st.sampled_from(OBJECTS), st.sampled_from(OBJECTS))),
)
LITERALS = st.one_of(
    st.builds(Literal, st.just("one"), st.tuples(TERMS), st.booleans()),
    st.builds(Literal, st.sampled_from(["two", "="]), st.tuples(TERMS, TERMS), st.booleans()),
)


@settings(deadline=None)
@given(st.sets(FACTS), st.sets(FACTS), st.lists(LITERALS, max_size=4))
def test_solutions_are_those_of_trying_everything(init, removed, literals):
    facts = Facts(init)
    for fact in removed:
        facts.discard(*fact)
    left = init - removed
    variables = sorted({term for literal in literals for term in literal.terms if term.startswith("?")})
    clause = (*literals, *(Literal(":any", (variable,)) for variable in variables))
    for thing in OBJECTS:
        facts.add(":any", (thing,))

    def true(literal: Literal, binding: dict[str, str]) -> bool:
        values = tuple(binding.get(term, term) for term in literal.terms)
        holds = values[0] == values[1] if literal.predicate == "=" else (literal.predicate, values) in left
        return holds is literal.positive

    everything = (
        dict(zip(variables, values, strict=True)) for values in itertools.product(OBJECTS, repeat=len(variables))
    )
    expected = [binding for binding in everything if all(true(literal, binding) for literal in literals)]
    found = [sorted(binding.items()) for binding in solutions(clause, facts, {})]
    assert sorted(found) == sorted(sorted(binding.items()) for binding in expected)
    assert satisfiable(clause, facts, {}) == bool(expected)


def test_a_variable_that_nothing_positive_binds_is_an_error():
    with pytest.raises(ValueError, match="occurs in no positive fact"):
        list(solutions((Literal("one", ("?x",), positive=False),), Facts(), {}))
