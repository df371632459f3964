"""AI judges at work: model servers, calls and their budget, and the runs that store what judges answer."""
