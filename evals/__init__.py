"""Gold suites, metrics and runs: `judian eval`. Uses only the public names of assistant and index."""
