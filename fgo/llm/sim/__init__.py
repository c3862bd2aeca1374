"""The simulated model: a model of a model, so that the whole harness runs without key, network or weights.

It sees the messages of a request and nothing else: never which optimizer asks, never a gold answer. What it is asked it
tells from the reply format (`prompt_parts.py`). As an agent (`acting.py`) it plays by the rules its prompt states and
makes typical mistakes elsewhere; as evaluator, optimizer and merger (`writing.py`) it notices each lesson with a
probability that falls with the prompt's length and depends on the lesson's place (`recall.py`). What there is to
learn comes from each benchmark (fgo.types.SimulatedBenchmark), every number from conf/model/ (`parameters.py`). Same
request, same reply, in any process. Its results show what the method would do under these assumptions, never what it
does with a real model.
"""
