"""The benchmarks: one folder each, all meeting the protocol in `envs.base`."""
