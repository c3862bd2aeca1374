"""What it takes to run an optimizer from another package as it is: its engine in a thread of its own, our lab at its edge.

Engines are synchronous, keep their own loop and swallow exceptions. Here they meet a lab from which every rollout and every
model call comes, so that journal, cache, allowance, budget and replay hold for them as for our own methods.
"""
