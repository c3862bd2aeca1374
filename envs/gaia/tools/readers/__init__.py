"""One small file a family of file types: each turns bytes into text that an agent can reason over."""
