"""What the harness itself costs, measured: `make bench`. Not a test: machines differ, so each figure stands beside its target."""
