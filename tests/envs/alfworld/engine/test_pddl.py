import pytest

from envs.alfworld.engine.pddl import Effect, Literal, read_domain, read_problem

DOMAIN = """
(define (domain d) (:requirements :adl) (:types Box object)  ; what there is
  (:predicates (In ?o - object ?b - Box) (open ?b - Box) (lit))
  (:functions (total-cost) - number)
  (:action Put :parameters (?o - object ?b - Box)
    :precondition (and (or (open ?b) (not (lit))) (exists (?b - Box) (In ?o ?b)))
    :effect (and (in ?o ?b) (when (lit) (not (open ?b))) (increase (total-cost) 1)))
  (:action wait :parameters (?b - Box) :precondition () :effect (lit)))
"""
PROBLEM = """
(define (problem p) (:domain d) (:objects a b - box c) (:init (in c a) (OPEN a) (not (lit)) (= (total-cost) 0))
  (:goal (and (lit) (exists (?o - object) (not (= ?o c))))))
"""


def test_conditions_come_in_disjunctive_normal_form_with_scopes_kept_apart():
    put, wait = read_domain(DOMAIN).actions
    inside = Literal("in", ("?o", "?b#0"))
    assert put.condition == (
        (Literal("open", ("?b",)), inside),
        (Literal("lit", (), positive=False), inside, Literal(":box", ("?b",))),
    )
    assert wait.condition == ((Literal(":box", ("?b",)),),)


def test_effects_keep_their_conditions_and_costs_are_left_out():
    put, _ = read_domain(DOMAIN).actions
    assert put.parameters == (("?o", "object"), ("?b", "box"))
    assert put.effects == (
        Effect((), Literal("in", ("?o", "?b"))),
        Effect((Literal("lit", ()),), Literal("open", ("?b",), positive=False)),
    )


def test_a_problem_has_typed_objects_true_facts_and_a_goal_in_parts():
    problem = read_problem(PROBLEM, read_domain(DOMAIN))
    assert problem.objects == {"a": "box", "b": "box", "c": "object"}
    assert problem.init == {("in", ("c", "a")), ("open", ("a",))}
    lit, other = problem.goal
    assert lit == ((Literal("lit", ()),),)
    assert other == ((Literal("=", ("?o#0", "c"), positive=False), Literal(":object", ("?o#0",))),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(forall (?o) (lit))", "'forall' in a condition is not supported"),
        ("(imply (lit) (lit))", "'imply' in a condition is not supported"),
        ("(not (and (lit)))", "'and' in a condition is not supported"),
        ("(dark)", "'dark' in a condition is not supported"),
        ("(lit a)", "wrong number of terms"),
        ("((lit))", "expected a PDDL literal"),
        ("lit", "expected a list"),
        ("(in (a) b)", "expected a word"),
        ("(and " + "(or (lit) (lit))" * 20 + ")", "too many alternatives"),
        ("(lït)", "not ASCII"),
    ],
)
def test_conditions_beyond_what_is_supported_are_refused(text, reason):
    with pytest.raises(ValueError, match=reason):
        read_problem(PROBLEM.replace("(lit) (exists", f"{text} (exists"), read_domain(DOMAIN))
