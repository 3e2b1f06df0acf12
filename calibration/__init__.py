"""What people do (行为与证据): tables, assumptions, fitted sets, targets."""

DEFAULT_SET = "2026"
