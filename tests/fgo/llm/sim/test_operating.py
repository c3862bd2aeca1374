from fgo.optimizers.expel import VERBS as EXPEL
from fgo.optimizers.function_text import Edit, parse_edit
from fgo.optimizers.module_text import asking_for, parse_modules, prompt
from fgo.optimizers.operations import Operation, parse_operations
from fgo.optimizers.playbook import VERBS as ACE
from tests.fgo.llm.sim.toy import HORN, LOOK, STOP, chat, current, model, trajectory

RULES = "<rules>\n[1] (importance 2) {}\n</rules>"


def operated(name: str, *blocks: str, most: int = 9, rules: str = "", **changes: object) -> list[Operation]:
    system = prompt(name).replace("{most}", str(most))
    listed = RULES.format(rules) if rules else "<rules>\n</rules>"
    reply = model(**changes).complete(chat(system, "\n\n".join((current(), listed, *blocks)))).text
    return parse_operations(reply, EXPEL if "expel" in name else ACE, ["1"] if rules else [], most)


def test_what_is_noticed_is_added_with_what_it_cites_and_not_what_is_stated():
    pair = (trajectory("T1", "ran a red light", "did not look"), trajectory("T2", "go", outcome="success"))
    assert operated("expel_pair", *pair) == [
        Operation("ADD", "", STOP.statement, ("T1",)),
        Operation("ADD", "", LOOK.statement, ("T1",)),
    ]
    assert operated("expel_pair", *pair, most=1) == [Operation("ADD", "", STOP.statement, ("T1",))]
    assert operated("ace_curate", *pair, rules=STOP.statement) == [Operation("ADD", "", LOOK.statement, ("T1",))]
    assert operated("expel_pair", *pair, recall_scale=0.0) == []


def test_a_rule_is_agreed_with_where_it_is_seen_to_be_needed_if_the_form_knows_agreement():
    assert operated("expel_pair", trajectory("T1", "ran a red light"), rules=STOP.statement) == [
        Operation("AGREE", "1")
    ]
    assert operated("ace_curate", trajectory("T1", "ran a red light"), rules=STOP.statement) == []


def test_a_rule_seen_to_do_harm_is_removed_and_a_careless_one_put_right_in_the_words_of_the_form():
    assert operated("expel_pair", trajectory("T1", "woke the town"), rules=HORN.statement) == [Operation("REMOVE", "1")]
    halted = trajectory("T1", "halted at a green light")
    for name, verb in (("expel_successes", "EDIT"), ("ace_curate", "UPDATE")):
        assert operated(name, halted, rules=STOP.careless) == [Operation(verb, "1", STOP.statement, ("T1",))]


def test_a_critique_that_stands_for_itself_is_read_and_cited_by_what_it_is_about():
    said = f'<critique about="T3, T5">\n- Step 2: {LOOK.statement}\n</critique>'
    assert operated("ace_curate", said) == [Operation("ADD", "", LOOK.statement, ("T3", "T5"))]
    reply = model().complete(chat(asking_for("protegi_edit", ["instructions"]), f"{current()}\n{said}")).text
    assert parse_modules(reply, ["instructions"]).evidence == {f"- {LOOK.statement}": ("T3", "T5")}


def edited(tools: str, *blocks: str, **changes: object) -> Edit:
    modules = current().replace("</current_modules>", f'<module name="tools">\n{tools}\n</module>\n</current_modules>')
    reply = model(**changes).complete(chat(prompt("agent_optimizer"), "\n\n".join((modules, *blocks)))).text
    functions = {"old": tools} if tools else {}
    return parse_edit(reply, functions)


def test_a_function_hands_out_a_rule_that_is_noticed():
    edit = edited("", trajectory("T1", "ran a red light"))
    assert (edit.action, edit.name[:32], edit.labels) == ("add", "rule_when_the_light_is_red_stop_", ("T1",))
    assert STOP.statement in edit.source
    scope: dict[str, object] = {}
    exec(edit.source, scope)
    assert scope[edit.name]() == STOP.statement


def test_a_function_whose_rule_does_harm_is_removed_and_with_nothing_to_do_the_edits_end():
    old = f'def old():\n    """{HORN.statement}"""'
    assert edited(old, trajectory("T1", "woke the town")) == Edit("remove", "old")
    assert edited(old, trajectory("T1", "go")) == Edit("terminate")
    assert edited(f'def old():\n    """{STOP.statement}"""', trajectory("T1", "ran a red light")) == Edit("terminate")
    assert edited("", trajectory("T1", "ran a red light"), recall_scale=0.0) == Edit("terminate")
