import json

import pytest

from envs.alfworld.engine.grammar import Each, Listing, RuleName, Symbol, Words, read_grammar, read_query
from envs.alfworld.engine.rules import rule_sets


def as_ours(symbol: object) -> Symbol:
    """A symbol as TextWorld parsed it, in our types."""
    match type(symbol).__name__:
        case "TerminalSymbol":
            return Words(symbol.symbol)
        case "NonterminalSymbol":
            return RuleName(symbol.symbol)
        case "ListSymbol":
            return Listing(as_ours(symbol.symbol))
    inner = symbol.expression
    expression = RuleName(inner.symbol) if type(inner).__name__ == "NonterminalSymbol" else inner.expression
    return Each(expression, read_query(symbol.given) if symbol.given else None)


def without_empty(symbols) -> tuple[Symbol, ...]:
    return tuple(symbol for symbol in symbols if symbol != Words(""))


@pytest.mark.parametrize("kind", [0, 1], ids=["move", "put"])
def test_both_grammars_are_read_as_textworld_reads_them(kind):
    from textworld.envs.pddl.logic import GameLogic
    from textworld.envs.pddl.textgen import _parse_and_convert
    from textworld.logic import Rule

    rules = rule_sets()[kind]
    theirs = GameLogic(rules.domain_text, rules.grammar_text)
    assert set(theirs.actions) == set(rules.grammar.actions)
    for name, action in theirs.actions.items():
        for text, ours in (
            (action.template, rules.grammar.actions[name].command),
            (action.feedback_rule, rules.grammar.actions[name].feedback),
        ):
            assert without_empty(map(as_ours, _parse_and_convert(text, rule_name="symbols"))) == ours
    assert set(theirs.grammar._rules) == set(rules.grammar.rules)
    for name, alternatives in theirs.grammar._rules.items():
        assert len(alternatives) == len(rules.grammar.rules[name])
        for rule, ours in zip(alternatives, rules.grammar.rules[name], strict=True):
            assert without_empty(map(as_ours, rule.rhs)) == ours.text, name
            assert bool(rule.condition) == (ours.condition is not None)
            if rule.condition:
                query = Rule.parse_conjunctive_query(rule.condition).preconditions
                assert ours.condition == tuple(
                    (predicate.name, tuple((place.name, place.type) for place in predicate.parameters))
                    for predicate in query
                )


def test_a_malformed_grammar_is_refused_where_it_breaks():
    with pytest.raises(ValueError, match="malformed from 'action open"):
        read_grammar('action look { template :: "look"; feedback :: "#look#"; }\naction open { }')
    with pytest.raises(ValueError, match="malformed"):
        read_query("openable(r:receptacle) | opened(r:receptacle)")


def test_later_rules_of_a_name_replace_earlier_ones():
    texts = [json.dumps({"intro": [{"rhs": text}]}) for text in ("one", "two")]
    grammar = read_grammar("".join(f'grammar :: """{text}""";\n' for text in texts))
    assert [rule.text for rule in grammar.rules["intro"]] == [(Words("two"),)]
