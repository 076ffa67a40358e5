"""One small module a statistic. `maps` are one layer's features, c, h, w.

All have `summarise(maps, term)` and `merge(summaries, weights)`, for the target. Then they are of one of two kinds:

- a sum over places: `compare(summary, target, term)`. The summary of an image is the mean of those of its parts.
- of each feature by itself, but of all places at once: `distance(maps, target, term)`. It is the `in_units` of the
  features' `error_and_unit(maps, target, term)`, each of the two added up over the features. A feature's `unit(target,
  size, term)` needs no maps. One that sorts has `to_slopes(features, target)` instead: the features become their own
  gradient.

A loss is in units of its target, so that weights mean the same for all layers, images and sizes. A summary that is a
mean over places is merged as one: the mean of the summaries.
"""
