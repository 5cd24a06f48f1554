"""From a configuration to score rows on disk: plan, execute, remember."""
