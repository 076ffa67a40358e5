"""What a look through one lens takes in memory: arithmetic with the sizes of things, no tensor."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ..job.description import (
    Autocorrelation,
    Content,
    Gram,
    Histogram,
    Layer,
    MapKind,
    Moments,
    NearestPatches,
    Patches,
    PatternAlignment,
    PatternEnhancement,
    Pooling,
    PowerSpectrum,
    SlicedWasserstein,
    Term,
    Texels,
    TotalVariation,
    ValueRange,
)
from .features import orthogonal, weights
from .features.lens import ALL
from .features.patches import SAMPLED_AT_ONCE
from .features.sharing import Key, layers_of
from .features.vgg import PLACES, deepest
from .features.view import CROWD, LARGEST_SAMPLE
from .losses.kinds import TAKES_HALF, Sorted, Transformed
from .machine import FLOAT, Machine
from .schedule import Octave
from .shown import MOST_SAMPLED
from .tiles import AT_ONCE, IN_PLACE, Plan

_EXEMPLARS_IN_BALANCE = 2
"""As they are shown beside other maps, and while they are looked at."""
_CHANNELS_OF_A_LOOK, _CHANNELS_OF_A_CARDS_LOOK = 3 * 64, 4 * 64
"""Of the widest convolution at full size: what goes in, with its margins, what comes out. Measured on a card."""


@dataclass(frozen=True, kw_only=True)
class _Cost:
    """Bytes a response of the features that a term compares, besides the response itself."""

    kept: int = 0
    """Until the gradient is found."""
    forward: int = 0
    """While the term is computed, of the layer where most is; what sorting takes is besides."""
    backward: int = 0
    """While its gradient is."""
    lag: int = 0
    """Of each lag of the target, while it is computed."""


_COSTS: Mapping[type, _Cost] = {
    SlicedWasserstein: _Cost(kept=4, forward=4),
    Histogram: _Cost(kept=4, forward=4),
    PowerSpectrum: _Cost(kept=4, forward=20, backward=12, lag=9),
    Autocorrelation: _Cost(kept=4, forward=16, backward=12, lag=2),
    NearestPatches: _Cost(kept=4, forward=8, backward=8),
    Moments: _Cost(backward=4),
    Gram: _Cost(backward=4),
    PatternAlignment: _Cost(backward=4),
    PatternEnhancement: _Cost(backward=12),
    Content: _Cost(kept=8, backward=8),
    TotalVariation: _Cost(kept=12, backward=12),
    ValueRange: _Cost(kept=4, backward=8),
}
"""Of the others: nothing that counts."""
_OF_A_COMPARED_VALUE = 12
"""Bytes while gathered features are compared by their order on a graphics card: what each is to be, and the two values
of the target beside it."""
_OF_A_TRANSFORMED_VALUE = 26
"""Bytes while they are transformed."""
_OF_A_TARGETS_VALUE = 16
"""Bytes while it is seen what the others are to be."""
_TEXELS_OF_CANDIDATES = 5
"""Times that the texels of windows are there while their principal components are found."""
_OF_A_COVARIANCE = 20
"""Bytes meanwhile of each number that says how two of a window's texels go together."""
_OF_A_WINDOWS_PLACE, _OF_A_ROWS_PLACE = 6, 2
"""Numbers, as they are found."""
_OF_A_LAG = 48
"""Bytes while the lags of an exemplar are computed."""
Size = tuple[int, int]
"""Height and width."""


class Look:
    """Through one lens: at the exemplars, at the canvas, or at one of its pieces."""

    def __init__(
        self,
        key: Key,
        terms: list[Term],
        maps: tuple[MapKind, ...],
        octave: Octave,
        exemplars: list[Size],
        exemplar_plan: Plan | None,
        machine: Machine,
    ) -> None:
        self._key, self._terms, self._octave = key, terms, octave
        self._channels = sum(kind.channels for kind in maps)
        self._pictures = len(maps) if isinstance(key, Pooling) else 1
        self._is_balanced = len(maps) > 1 and bool(exemplars) and isinstance(key, Patches | NearestPatches)
        self._exemplars, self._exemplar_plan, self._machine = exemplars, exemplar_plan, machine
        self._layers = list(dict.fromkeys(layer for term in terms for layer in layers_of(term)))
        self._texels = octave.width * octave.height

    @property
    def kept(self) -> float:
        """Bytes of a look at the whole canvas until its gradient is found, and of the gradient's own beginning."""
        if self.is_in_place and self._machine.threads:
            return self._channels * FLOAT * self._texels
        kept = self._kept(self._texels)
        kept += self._is_balanced * self._channels * FLOAT * self._texels
        if isinstance(self._key, Patches):
            kept += self._machine.store * len(self._terms) * self.features(ALL) * self.places(ALL)
        return kept

    @property
    def at_peak(self) -> float:
        """Bytes more for a moment."""
        if self.is_in_place and self._machine.threads:
            return self.in_pieces(IN_PLACE) - self.kept
        return self._at_peak(self._texels)

    @property
    def is_in_place(self) -> bool:
        """Whether there is but one look at each piece: see `tiles.is_in_place`."""
        return isinstance(self._key, Patches) and len(self._terms) == 1 and isinstance(self._terms[0], Sorted)

    def in_pieces(self, plan: Plan) -> float:
        """Bytes of a look at a piece with what is gathered of all of them."""
        height, width = self._octave.height, self._octave.width
        margin = self.margin
        piece = min(plan.side + 2 * margin, height) * min(plan.side + 2 * margin, width)
        planes = [
            (term, FLOAT * self.places(layer), self.compared(term, layer))
            for term in self._terms
            if isinstance(term, Sorted | Transformed)
            for layer in layers_of(term)
        ]
        gathered = max((plane for _, plane, _ in planes), default=0.0)
        gathered = min(sum(plane * count for _, plane, count in planes), max(plan.room, gathered))
        turning = max((self._turning(*each, gathered) for each in planes), default=0.0)
        canvas = self._channels * FLOAT * self._texels
        fitted = canvas * (3 if self._is_resized or self._is_balanced else 1)  # the gradient as it grows, too
        looking = self._kept(piece) + self._at_peak(piece, piece=True)
        if self.is_in_place:
            alone = plan.side >= max(height, width)  # then it is changed where it was found
            numbers = self.features(ALL) * self.places(ALL, piece)
            looking = self._channels * FLOAT * piece + (FLOAT * (not alone) + self._machine.copies) * numbers
        elif isinstance(self._key, Patches):
            looking += 2 * self._machine.copies * self.features(ALL) * self.places(ALL, piece)
        return fitted + gathered + max(turning, looking)

    def _turning(self, term: Term, plane: float, count: int, gathered: float) -> float:
        """Bytes while as many features as are gathered, and of a size that is worked at together, are compared."""
        few = max(plane, min(FLOAT * AT_ONCE, plane * count))
        values = min(few, gathered) / FLOAT
        if isinstance(term, Sorted) and self._machine.threads:
            return self._machine.of_sorting(plane / FLOAT, gathered / FLOAT)
        if isinstance(term, Sorted):
            return _OF_A_COMPARED_VALUE * values + self._machine.of_sorting(plane / FLOAT, values)
        return max(_OF_A_TARGETS_VALUE * few / FLOAT, _OF_A_TRANSFORMED_VALUE * values)

    @property
    def margin(self) -> int:
        """Texels that a piece sees besides its own, on each side."""
        match self._key:
            case Patches(size=size) | NearestPatches(size=size):
                return size
            case Texels():
                return 1
        place = PLACES[deepest(map(Layer, self._layers))]
        return place.reach * place.stride

    @property
    def held(self) -> float:
        """Bytes of what is known of exemplars while the canvas is looked at, and of filters to be drawn."""
        total = 0.0
        if isinstance(self._key, Patches):
            total += orthogonal.held(self._channels * self._key.size**2)
        for size in self._exemplars:
            if isinstance(self._key, Patches):
                copies = (self._octave.scale < 1) + _EXEMPLARS_IN_BALANCE * self._is_balanced
                total += self._channels * FLOAT * math.prod(size) * copies
            elif any(isinstance(term, SlicedWasserstein) for term in self._terms):
                total += FLOAT * sum(self._sampled(layer, size) * self.features(layer) for layer in self._drawn)
        return total + sum(self._of_target(term, layer) for term in self._terms for layer in layers_of(term))

    @property
    def at_draws(self) -> float:
        """Bytes more while random features look at the exemplars, at each iteration."""
        drawn = [term for term in self._terms if isinstance(term, SlicedWasserstein) or isinstance(self._key, Patches)]
        seen = sum(
            self.compared(term, layer) * self._sampled(layer, size)
            for term in drawn
            for layer in layers_of(term)
            for size in self._exemplars
        )
        if isinstance(self._key, Patches):  # before there is what the canvas is compared with
            targets = sum(self._of_target(term, ALL) for term in drawn)
            cut_out = max(map(self._of_cutting_out, self._exemplars), default=0)
            return max(FLOAT * (seen + cut_out) - targets, FLOAT * seen)
        return FLOAT * seen

    def _of_cutting_out(self, size: Size) -> float:
        """Numbers while a sample of an exemplar's windows is looked at: where they are, and their texels."""
        assert isinstance(self._key, Patches)
        windows, rows = self._sampled(ALL, size), self._channels * self._key.size
        if windows == self.places(ALL, math.prod(size)):
            return 0
        together = min(windows, SAMPLED_AT_ONCE) if self._machine.threads else windows
        return _OF_A_WINDOWS_PLACE * windows + together * rows * (self._key.size + _OF_A_ROWS_PLACE)

    @property
    def at_exemplars(self) -> float:
        """Bytes more while a fixed family looks at the exemplars for the first time."""
        if isinstance(self._key, Patches):
            return 0
        if isinstance(self._key, NearestPatches):
            texels = self._channels * self._key.size**2
            return _TEXELS_OF_CANDIDATES * FLOAT * texels * self._candidates + _OF_A_COVARIANCE * texels**2
        looked, kept = 0.0, 0.0
        for size in self._exemplars:
            texels, plan = math.prod(size), self._exemplar_plan
            if plan is None:
                kept += FLOAT * sum(self.features(layer) * self.places(layer, texels) for layer in self._layers)
                seen = texels
            else:
                seen = math.prod(min(length, plan.side + 2 * self.margin) for length in size)
            if isinstance(self._key, Pooling):
                looked = max(looked, FLOAT * seen * self._pictures * self._widest - kept)
            for term in self._terms:
                for layer in layers_of(term):
                    looked = max(looked, self._of_summary(term, layer, texels, seen))
        return kept + max(looked, 0)

    @property
    def _widest(self) -> float:
        """Channels at full size that are there at once while a network is run without a gradient."""
        return _CHANNELS_OF_A_LOOK if any(layer != Layer.RELU1_1 for layer in self._layers) else 2 * 64 + 3

    def _of_summary(self, term: Term, layer: str, texels: float, seen: float) -> float:
        """Bytes while it is made of an exemplar of so many texels, of which so many are seen at once."""
        plan = self._exemplar_plan
        if isinstance(term, Transformed):
            features = self.features(layer) if plan is None else 1.0
            gathered = 0 if plan is None else max(plan.room, FLOAT * self.places(layer, texels))
            return gathered + _OF_A_LAG * features * self.places(layer, texels)
        copies = 2 if isinstance(term, Sorted) else 1
        return copies * FLOAT * self.features(layer) * self.places(layer, seen)

    @property
    def _candidates(self) -> float:
        """Windows of all exemplars that a canvas's may be like."""
        assert isinstance(self._key, NearestPatches)
        return sum(min(math.prod(size), self._key.candidates) for size in self._exemplars)

    @property
    def _drawn(self) -> set[str]:
        return {layer for term in self._terms if isinstance(term, Sorted) for layer in layers_of(term)}

    @property
    def _is_resized(self) -> bool:
        if not isinstance(self._key, Pooling):
            return False
        stride = PLACES[deepest(map(Layer, self._layers))].stride
        return bool(self._octave.width % stride or self._octave.height % stride)

    def features(self, layer: str) -> float:
        """Numbers at a place of a layer."""
        match self._key:
            case Patches(filters=filters):
                return filters
            case NearestPatches(size=size):
                return self._channels * size**2
            case Texels():
                return self._channels
        return weights.convolution_of(layer).outputs * self._pictures

    def compared(self, term: Term, layer: str) -> int:
        """Those that a term looks at."""
        if isinstance(term, SlicedWasserstein) and not isinstance(self._key, Patches):
            return term.projections
        return round(self.features(layer))

    def places(self, layer: str, texels: float | None = None) -> float:
        """Of a layer, on the canvas or on so many texels."""
        texels = self._texels if texels is None else texels
        match self._key:
            case Patches(stride=stride, stride_from=stride_from):
                return texels / (stride**2 if self._octave.side >= stride_from else 1)
            case NearestPatches(stride=stride):
                return texels / stride**2
            case Texels():
                return texels
        return texels / PLACES[Layer(layer)].stride ** 2

    def _sampled(self, layer: str, size: Size) -> float:
        """Places of an exemplar that are looked at."""
        places = self.places(layer, math.prod(size))
        if isinstance(self._key, Patches):
            most = self.places(layer)
            return places if places <= min(CROWD * most, LARGEST_SAMPLE) else min(most, LARGEST_SAMPLE)
        if self._exemplar_plan is None:
            return places
        return min(places, MOST_SAMPLED / self.features(layer))

    def _of_target(self, term: Term, layer: str) -> float:
        """Bytes of what the canvas is compared with."""
        if isinstance(term, Sorted):
            numbers = self.compared(term, layer) * FLOAT
            each = [self._sampled(layer, size) for size in self._exemplars]
            return numbers * max(each, default=0)
        if isinstance(term, Transformed):
            return FLOAT * self.features(layer) * self._lags(layer)
        if isinstance(term, NearestPatches):
            return FLOAT * 2 * self.features(layer) * self._candidates
        return 0

    def _lags(self, layer: str) -> float:
        """Of the target, that the canvas has too."""
        reaches = [
            self.places(layer, min(h, self._octave.height) * min(w, self._octave.width)) for h, w in self._exemplars
        ]
        return min(reaches, default=0)

    def _kept(self, texels: float) -> float:
        own = 0.0
        for term in self._terms:
            for layer in layers_of(term):
                own += self._cost(term).kept * self.compared(term, layer) * self.places(layer, texels)
        match self._key:
            case Patches() | NearestPatches():
                return own + self._channels * FLOAT * texels  # the continued canvas that windows are cut from
            case Texels():
                return own
        convolutions = self._pictures * _responses_a_texel(deepest(map(Layer, self._layers))) * texels
        own += self._machine.network * convolutions
        return own + (self._of_features(texels) if self._is_apart else 0.0)

    @property
    def _is_apart(self) -> bool:
        """Whether the features are not the network's own numbers: then the gradient of each takes its place."""
        return isinstance(self._key, Pooling) and self._machine.network < FLOAT

    def _of_features(self, texels: float) -> float:
        """Of those in single precision: on a graphics card some terms do without."""
        in_half = TAKES_HALF if self._is_apart and not self._machine.threads else ()
        wanted = {layer for term in self._terms if not isinstance(term, in_half) for layer in layers_of(term)}
        return FLOAT * sum(self.features(layer) * self.places(layer, texels) for layer in wanted)

    def _at_peak(self, texels: float, *, piece: bool = False) -> float:
        forward, backward = 0.0, 0.0
        for term in self._terms:
            cost = self._cost(term)
            for layer in layers_of(term):
                numbers = self.compared(term, layer) * self.places(layer, texels)
                if isinstance(term, Sorted):
                    forward = max(forward, self._machine.of_sorting(self.places(layer, texels), numbers))
                lags = cost.lag * self.features(layer) * min(self._lags(layer), self.places(layer, texels))
                forward = max(forward, cost.forward * numbers + lags)
                backward = max(backward, cost.backward * numbers)
                if isinstance(term, NearestPatches):
                    forward = max(forward, FLOAT * min(self._machine.distances, self._candidates * numbers))
            if isinstance(term, Content) and isinstance(self._key, Pooling):
                forward = max(forward, self._machine.network * texels * self._pictures * self._widest)
        gradients = 0.0 if self._is_apart and not piece else self._of_features(texels)
        if isinstance(self._key, Pooling):
            last = deepest(map(Layer, self._layers))
            deeper = _responses_a_texel(last) - 2 * 64  # of which nothing is left when the widest ones' turn comes
            channels = _CHANNELS_OF_A_LOOK if self._machine.threads else _CHANNELS_OF_A_CARDS_LOOK
            widest = max(channels - deeper, 0) if deeper >= 0 else 0
            widest *= self._machine.network * texels * self._pictures
            backward = max(backward, 2 * self.features(last) * self.places(last, texels), widest)
            if self._machine.fused and not piece:  # all of its slopes are there when the network's turn comes
                slopes = sum(self.features(layer) * self.places(layer, texels) for layer in self._layers)
                slopes += 2 * self.features(last) * self.places(last, texels)
                backward = max(backward, self._machine.network * slopes)
        return max(forward, gradients + backward)

    @staticmethod
    def _cost(term: Term) -> _Cost:
        return _COSTS.get(type(term), _Cost())


def _responses_a_texel(layer: str) -> float:
    """What is kept for the gradient of VGG-19 up to a layer: what comes out of each convolution."""
    last, kept = weights.convolution_of(layer), 0.0
    for convolution in weights.CONVOLUTIONS[: weights.CONVOLUTIONS.index(last) + 1]:
        stride = 2 ** (int(convolution.name.removeprefix("conv")[0]) - 1)
        kept += convolution.outputs / stride**2
    return kept
