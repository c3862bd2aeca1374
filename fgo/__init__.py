"""Fine-grained LLM-agent optimization and its rivals: the method's side of the harness. Knows no benchmark."""
