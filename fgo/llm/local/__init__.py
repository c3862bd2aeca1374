"""Models on this machine: a GGUF file served by llama.cpp in a process of its own, which lives as long as the run that uses it.

`gguf.py` says what a file is, `serve.py` is the served process, `server.py` starts, watches and ends it, and `provider.py`
sends requests there, through the same client as any other provider's.
"""
