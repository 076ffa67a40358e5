"""One small module a statistic: `summarise(features)`, `merge(summaries, ...)`, `distance(summary, target)`."""
