"""Short scenes that random commands would seldom add up to: when, and what then. Other commands come in between."""

# When: now; soon; beside 09:00 or the end of the cycle; or in the last hours before one of the two.
# What: the names that `History` draws commands by.
Scene = tuple[tuple[str, str], ...]

SCENES: tuple[Scene, ...] = (
    # Much is held when a downgrade takes effect, and comes back afterwards (L6).
    (
        ("now", "schedule"),
        ("before end", "create much"),
        ("soon", "buy"),
        ("end", "preview"),
        ("soon", "report"),
        ("soon", "finish"),
        ("nine", "quote"),
    ),
    (
        ("now", "buy"),
        ("now", "schedule"),
        ("before end", "create much"),
        ("now", "create"),
        ("end", "report much"),
        ("soon", "report"),
        ("soon", "deactivate"),
        ("soon", "begin"),
    ),
    # What was set aside beyond the reservoir becomes held, and stays so (T5, L7).
    (
        ("now", "overage"),
        ("now", "create beyond"),
        ("now", "create beyond"),
        ("soon", "report"),
        ("soon", "to the top"),
        ("soon", "report much"),
        ("soon", "finish"),
    ),
    (
        ("now", "overage"),
        ("now", "create beyond"),
        ("soon", "report"),
        ("soon", "to the top"),
        ("soon", "report much"),
        ("now", "schedule"),
        ("before end", "create much"),
        ("end", "report"),
        ("soon", "finish"),
    ),
    (
        ("now", "overage"),
        ("now", "create much"),
        ("now", "create beyond"),
        ("soon", "report much"),
        ("now", "upgrade"),
        ("soon", "report much"),
        ("soon", "finish"),
        ("end", "quote"),
    ),
    # An unlimited reservoir with much held becomes a limited one (L7).
    (
        ("now", "to the top"),
        ("now", "schedule"),
        ("before end", "create much"),
        ("end", "preview"),
        ("soon", "buy"),
        ("soon", "report much"),
        ("soon", "create"),
        ("soon", "finish"),
        ("nine", "finish"),
    ),
    # Bought tokens go last (L3).
    (
        ("now", "buy"),
        ("soon", "create much"),
        ("soon", "report much"),
        ("nine", "report much"),
        ("soon", "finish"),
    ),
    # The end of a plan with running tasks, and another beginning (L6, C3).
    (
        ("now", "overage"),
        ("now", "create beyond"),
        ("soon", "report much"),
        ("now", "deactivate"),
        ("now", "report"),
        ("soon", "finish"),
        ("soon", "begin"),
        ("nine", "preview"),
    ),
    # Many changes at one instant.
    (
        ("soon", "upgrade"),
        ("now", "upgrade"),
        ("now", "schedule"),
        ("now", "schedule"),
        ("now", "cancel"),
        ("now", "cancel"),
        ("now", "schedule"),
        ("now", "upgrade"),
    ),
    (("end", "upgrade"), ("now", "deactivate"), ("now", "begin"), ("now", "schedule"), ("now", "deactivate")),
    (("nine", "deactivate"), ("now", "cancel"), ("now", "begin"), ("nine", "upgrade"), ("soon", "begin")),
    # A downgrade that is overtaken, and one that is not (C3).
    (("now", "schedule"), ("soon", "upgrade"), ("end", "quote")),
    (("now", "schedule"), ("end", "quote"), ("now", "schedule"), ("end", "upgrade")),
    # A tank that is full, or nearly, at 09:00 (L4).
    (
        ("before nine", "create"),
        ("now", "report"),
        ("now", "finish"),
        ("nine", "quote"),
        ("soon", "create"),
        ("now", "report"),
        ("nine", "quote"),
    ),
    (("before nine", "create much"), ("now", "report much"), ("nine", "finish"), ("nine", "quote"), ("nine", "quote")),
    # Credit that several bills take (C6).
    (("now", "upgrade"), ("now", "upgrade"), ("soon", "schedule"), ("end", "preview"), ("end", "preview")),
    (("now", "upgrade"), ("soon", "deactivate"), ("soon", "begin"), ("end", "preview")),
)
