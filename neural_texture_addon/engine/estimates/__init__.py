"""The maps of a material as they are estimated from its colour: one small module a map, each usable alone.

All are guesses, by rules and without a network. Pictures are 1,c,h,w, values 0 to 1. Each is exact on the torus, where
rolling the colour rolls the map (to rounding); along an axis that does not wrap the picture is mirrored at its border.
"""
