"""One small module a statistic: `summarise(maps, term)`, `merge(summaries, weights)`, `distance(maps, target, term)`.

`maps` are one layer's features, c, h, w. A distance is in units of its target, so that weights mean the same for all
layers, images and sizes. A summary that is a mean over places is merged as one: the mean of the summaries.
"""
