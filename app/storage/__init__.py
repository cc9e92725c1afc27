"""Where rows live and how they become values of the domain. Nothing is decided here."""
