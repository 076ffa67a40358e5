"""The job: one frozen description of everything that shapes a result. Nothing here computes a picture.

Every default of the product stands here, once; so does every allowed range (in the field's metadata, where the
reader, the command line and Blender's panel look it up).
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

FORMAT_VERSION = 1
"""Raised whenever a job that was valid before would be read differently."""


class MapKind(StrEnum):
    """One map of a material: what the numbers of an image mean."""

    COLOUR = "colour"
    NORMAL = "normal"
    HEIGHT = "height"
    ROUGHNESS = "roughness"
    OCCLUSION = "occlusion"
    METALNESS = "metalness"

    @property
    def channels(self) -> int:
        """How many numbers a texel of this map holds."""
        return _CHANNELS[self]


_CHANNELS = {
    MapKind.COLOUR: 3,
    MapKind.NORMAL: 3,
    MapKind.HEIGHT: 1,
    MapKind.ROUGHNESS: 1,
    MapKind.OCCLUSION: 1,
    MapKind.METALNESS: 1,
}
PACKED = (MapKind.OCCLUSION, MapKind.ROUGHNESS, MapKind.METALNESS)
"""What red, green and blue of a packed file hold (ARM, ORM)."""


class PackedAs(StrEnum):
    """What the channels of a packed file hold; smoothness is 1 - roughness."""

    ARM = "arm"
    """Occlusion, roughness and metalness as red, green and blue; also called ORM."""
    MASK_MAP = "mask_map"
    """Metalness as red, occlusion as green, smoothness as alpha: Unity's HDRP."""
    METALLIC_SMOOTHNESS = "metallic_smoothness"
    """Metalness as red, smoothness as alpha: Unity's URP and built-in Lit."""

    @property
    def maps(self) -> tuple[MapKind, ...]:
        """Those that such a file holds."""
        without = {MapKind.OCCLUSION} if self is PackedAs.METALLIC_SMOOTHNESS else set()
        return tuple(kind for kind in PACKED if kind not in without)


class Green(StrEnum):
    """Where the surface faces that is bright in a normal map's green."""

    OPENGL = "opengl"
    """To the picture's upper side."""
    DIRECTX = "directx"
    """To its lower side."""


class Tiling(StrEnum):
    """The axes along which the canvas wraps around. `BOTH` is the torus; `X` repeats to the left and right only."""

    BOTH = "both"
    X = "x"
    Y = "y"
    NONE = "none"


class Layer(StrEnum):
    """The layers of VGG-19 that can be looked at (Simonyan & Zisserman 2015, configuration E)."""

    RELU1_1 = "relu1_1"
    RELU1_2 = "relu1_2"
    POOL1 = "pool1"
    RELU2_1 = "relu2_1"
    RELU2_2 = "relu2_2"
    POOL2 = "pool2"
    RELU3_1 = "relu3_1"
    RELU3_2 = "relu3_2"
    RELU3_3 = "relu3_3"
    RELU3_4 = "relu3_4"
    POOL3 = "pool3"
    RELU4_1 = "relu4_1"
    RELU4_2 = "relu4_2"
    RELU4_3 = "relu4_3"
    RELU4_4 = "relu4_4"
    POOL4 = "pool4"
    RELU5_1 = "relu5_1"
    RELU5_2 = "relu5_2"
    RELU5_3 = "relu5_3"
    RELU5_4 = "relu5_4"
    POOL5 = "pool5"


class Pooling(StrEnum):
    """How a network halves its maps. `AVERAGE` gives cleaner textures (Gatys et al. 2015); `MAXIMUM` is as trained."""

    AVERAGE = "average"
    MAXIMUM = "maximum"


class Centring(StrEnum):
    """What the features are measured from before their products are taken."""

    ORIGIN = "origin"
    """Nothing is taken off: the Gram matrix."""
    EXEMPLAR = "exemplar"
    """The exemplar's mean is taken off both sides: the canvas's own mean counts too."""
    CANVAS = "canvas"
    """Each side's own mean is taken off: the covariance, blind to the mean."""


class Fit(StrEnum):
    """How a picture is brought to the canvas's shape."""

    CROP = "crop"
    """The largest part about its middle that has the shape."""
    WRAP = "wrap"
    """Stretched as it is, and taken to repeat itself."""
    MIRROR = "mirror"
    """With mirrored copies beside and below it, so that it repeats without a seam."""


class ColourMatching(StrEnum):
    """What of the exemplars' colours is matched."""

    HISTOGRAM = "histogram"
    """The whole distribution (Pitié, Kokaram & Dahyot 2005)."""
    COVARIANCE = "covariance"
    """Mean and covariance, by the linear map that moves least (Pitié & Kokaram 2007)."""


class Bits(IntEnum):
    """Bits a channel."""

    EIGHT = 8
    SIXTEEN = 16
    THIRTY_TWO = 32


class Naming(StrEnum):
    """Whose convention the names of a material's files follow."""

    PLAIN = "plain"
    """``result``, ``result_normal``, ``result_height`` and so on."""
    BLENDER = "blender"
    UNREAL = "unreal"
    UNITY = "unity"
    GODOT = "godot"
    GLTF = "gltf"


class Packing(StrEnum):
    """Whether maps of one channel share an image file."""

    SEPARATE = "separate"
    """Only where a program wants it so: Unity has smoothness in the alpha of metalness."""
    PACKED = "packed"
    """Occlusion, roughness and metalness in one (ARM, ORM; Unity's mask map)."""


class FileFormat(StrEnum):
    """Lossless formats of the result; the value is the file's suffix."""

    PNG = "png"
    TIFF = "tiff"
    WEBP = "webp"
    EXR = "exr"
    """Of floating point: a colour map is scene-linear there. The others hold it display-encoded (sRGB)."""

    @property
    def most_bits(self) -> Bits:
        """A channel may have."""
        return _MOST_BITS[self]


_MOST_BITS = {
    FileFormat.PNG: Bits.SIXTEEN,
    FileFormat.TIFF: Bits.SIXTEEN,
    FileFormat.WEBP: Bits.EIGHT,
    FileFormat.EXR: Bits.THIRTY_TWO,
}


class Device(StrEnum):
    """Where the engine computes. `AUTO` takes CUDA, then MPS, then the CPU."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"


def ranged(default: float, low: float, high: float) -> Any:
    """A number field with its default and its allowed range, both ends included."""
    return field(default=default, metadata={"low": low, "high": high})


def at_least_one(*, items: Mapping[str, float] | None = None, **default: Any) -> Any:
    """A tuple or mapping field that may not be empty; `items` is the allowed range of each entry."""
    return field(**default, metadata={"at_least": 1, "items": items or {}})


def weights_each(low: float, high: float) -> Any:
    """A mapping to numbers, empty unless told, with the allowed range of each, both ends included."""
    return field(default_factory=dict, metadata={"items": {"low": low, "high": high}})


def each_ranged(default: Any, low: float, high: float) -> Any:
    """A tuple of numbers, with the allowed range of each, both ends included."""
    return field(default=default, metadata={"items": {"low": low, "high": high}})


class Variant:
    """A member of a union of dataclasses. Its JSON says which one it is: ``{"type": "plasma", ...}``."""


@dataclass(frozen=True, kw_only=True)
class Crop:
    """A rectangle of the exemplar, as fractions of its width and height; (0, 0) is the upper left corner."""

    left: float = ranged(0.0, 0.0, 1.0)
    top: float = ranged(0.0, 0.0, 1.0)
    width: float = ranged(1.0, 0.0, 1.0)
    height: float = ranged(1.0, 0.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class Exemplar:
    """A style image: the texture to resemble. All its maps show the same surface, texel by texel."""

    maps: Mapping[MapKind, str] = at_least_one()
    """Path of each map's image file."""
    packed: str = ""
    """Path of a file with occlusion, roughness and metalness; those of them that `maps` lacks are read from it. Empty
    if there is none."""
    packed_as: PackedAs = PackedAs.ARM
    """Which channels of that file they are."""
    green: Green = Green.OPENGL
    """Of its normal map's file. Within the engine it is OpenGL's."""
    weight: float = ranged(1.0, 0.0, 1000.0)
    """Its share in the target, relative to the other exemplars."""
    scale: float = ranged(1.0, 0.01, 16.0)
    """Size of its features on the canvas: 1 keeps its texels, 2 draws everything twice as large."""
    magnifications: tuple[float, ...] = at_least_one(default=(1.0,), items={"low": 0.01, "high": 16.0})
    """Several copies of it, each at its own size besides `scale`, share its weight in one target."""
    crop: Crop | None = None

    def path_of(self, kind: MapKind) -> str | None:
        """The file that holds this map; None if there is none."""
        return self.maps.get(kind) or (self.packed if kind in self.packed_as.maps else None) or None


@dataclass(frozen=True, kw_only=True)
class Plasma(Variant):
    """Diamond-square fractal noise in the exemplar's colours (Fournier, Fussell & Carpenter 1982)."""

    roughness: float = ranged(0.6, 0.0, 1.0)
    """Share of its amplitude that the random displacement keeps from one scale to the next: 0 smooth, 1 noise."""


@dataclass(frozen=True, kw_only=True)
class Noise(Variant):
    """Independent texels, each a random texel of the exemplar."""


@dataclass(frozen=True, kw_only=True)
class Picture(Variant):
    """An image file, at the size of the canvas."""

    path: str
    fit: Fit = Fit.CROP


@dataclass(frozen=True, kw_only=True)
class FromContent(Variant):
    """The job's content image."""


@dataclass(frozen=True, kw_only=True)
class Flat(Variant):
    """One colour all over; 0.5 in the other maps."""

    colour: tuple[float, float, float] = each_ranged((0.5, 0.5, 0.5), 0.0, 1.0)


Seed = Plasma | Noise | Picture | FromContent | Flat


@dataclass(frozen=True, kw_only=True)
class Canvas:
    """The picture being optimised."""

    width: int = ranged(512, 16, 16384)
    height: int = ranged(512, 16, 16384)
    maps: tuple[MapKind, ...] = at_least_one(default=(MapKind.COLOUR,))
    map_weights: Mapping[MapKind, float] = weights_each(0.0, 100.0)
    """How much each map counts beside the others; 1 where nothing is said. A single map has nobody beside it."""
    colour: Picture | None = None
    """A colour map that is made already: it stays as it is, and the other maps follow it."""
    tiling: Tiling = Tiling.BOTH
    seed: Seed = Plasma()
    random_seed: int = ranged(1, 0, 2**32 - 1)


@dataclass(frozen=True, kw_only=True)
class Octaves:
    """The pyramid: from `start_size` px up to the final size, each octave `growth` times larger than the one before."""

    start_size: int = ranged(23, 8, 4096)
    """Length in px, at the coarsest octave, of the shorter side of the canvas or of the smallest exemplar
    (whichever is less): what a filter sees of the exemplar there."""
    growth: float = ranged(2**0.5, 1.05, 4.0)
    """A pyramid of ratio 0.85 has a growth of 1 / 0.85."""


@dataclass(frozen=True, kw_only=True)
class Texels(Variant):
    """Feature family: the numbers of the maps themselves."""


@dataclass(frozen=True, kw_only=True)
class Patches(Variant):
    """Feature family without weights: random linear filters over small windows, drawn anew at each iteration."""

    size: int = ranged(7, 1, 32)
    """Side of the window in texels. Of a single one, filters see what its colours and maps have in common."""
    filters: int = ranged(64, 1, 1024)
    stride: int = ranged(2, 1, 8)
    """From `stride_from` px up, only every stride-th row and column of windows is seen, at a random offset
    drawn at each iteration: the gradient stays unbiased and the cost falls by the stride's square."""
    stride_from: int = ranged(128, 0, 16384)


@dataclass(frozen=True, kw_only=True)
class Vgg19(Variant):
    """Feature family of a network that was trained to recognise what photographs show. Needs its weights' file."""

    layers: Mapping[Layer, float] = at_least_one(
        default_factory=lambda: {Layer.RELU1_1: 1.0, Layer.RELU2_1: 1.0, Layer.RELU3_1: 1.0, Layer.RELU3_4: 1.0},
        items={"low": -1000.0, "high": 1000.0},
    )
    """The weight of each layer; only their proportions count. The network is run no deeper than the deepest."""
    pooling: Pooling = Pooling.AVERAGE


Features = Texels | Patches | Vgg19
Placed = Texels | Vgg19
"""Families whose features keep their places, for statistics of the layout."""


@dataclass(frozen=True, kw_only=True)
class _Term(Variant):
    weight: float = ranged(1.0, -1000.0, 1000.0)
    """Its share in the sum that is made small. A negative weight turns the term's effect around."""


@dataclass(frozen=True, kw_only=True)
class _StyleTerm(_Term):
    exemplars: tuple[int, ...] = each_ranged((), 0, 999)
    """Which of the job's exemplars (counted from 0) make its target together; if empty, all of them."""
    levels: int = ranged(1, 1, 8)
    """It looks at the canvas, and at so many copies less one, each of half the side and a quarter of the weight of the
    one before (Snelgrove 2017): fine octaves keep what coarse ones found. Copies of less than 40 px are left out."""


@dataclass(frozen=True, kw_only=True)
class SlicedWasserstein(_StyleTerm):
    """The distance between the distributions of canvas and exemplar along many directions of feature space."""

    features: Features = Patches()
    projections: int = ranged(64, 1, 1024)
    """Random directions, drawn anew at each iteration. Patches are such projections already and ignore it."""


@dataclass(frozen=True, kw_only=True)
class ChannelMean(_StyleTerm):
    """The mean of each feature."""

    features: Features = Vgg19()


@dataclass(frozen=True, kw_only=True)
class Moments(_StyleTerm):
    """Mean, standard deviation and correlation of the features, a third each."""

    features: Features = Vgg19()


@dataclass(frozen=True, kw_only=True)
class Gram(_StyleTerm):
    """The mean products of all pairs of features (Gatys, Ecker & Bethge 2015)."""

    features: Features = Vgg19()
    centring: Centring = Centring.ORIGIN


@dataclass(frozen=True, kw_only=True)
class Histogram(_StyleTerm):
    """The distribution of each feature by itself (Risser, Wilmot & Barnes 2017)."""

    features: Features = Vgg19()


@dataclass(frozen=True, kw_only=True)
class PowerSpectrum(_StyleTerm):
    """The amplitude of each frequency: what repeats, how often (Liu, Gousseau & Xia 2016)."""

    features: Placed = Texels()


@dataclass(frozen=True, kw_only=True)
class Autocorrelation(_StyleTerm):
    """How alike the features are at each distance and direction (Sendik & Cohen-Or 2017; Gonthier et al. 2022)."""

    features: Placed = Vgg19()


@dataclass(frozen=True, kw_only=True)
class NearestPatches(_StyleTerm):
    """How far each window is from the exemplar's most similar one (Kwatra et al. 2005): no smudges, whole edges.

    A little of it beside terms of distributions, that know nothing of what is likely; alone it forgets what is rare.
    """

    size: int = ranged(7, 2, 16)
    """Side of the window in texels."""
    components: int = ranged(32, 1, 256)
    """The most similar window is looked for by so many principal components."""
    stride: int = ranged(4, 1, 8)
    """Only every stride-th row and column of windows is compared, at a random offset drawn at each iteration."""
    candidates: int = ranged(2**15, 1, 2**20)
    """As many windows of each exemplar, spread over it, are known at most."""


@dataclass(frozen=True, kw_only=True)
class PatternEnhancement(_StyleTerm):
    """Makes the magnitude of the features larger, in units of the exemplars'; without exemplars, of the start's."""

    features: Placed = Vgg19()


@dataclass(frozen=True, kw_only=True)
class PatternAlignment(_StyleTerm):
    """Makes the features' products larger in the proportions of the exemplars', up to a limit."""

    features: Placed = Vgg19()
    limit: float = ranged(2.0, 0.0, 100.0)
    """In units of the exemplars' own; 1 is as strong as in them."""


@dataclass(frozen=True, kw_only=True)
class Content(_Term):
    """The features of the content image, place by place."""

    features: Placed = Vgg19()


@dataclass(frozen=True, kw_only=True)
class TotalVariation(_StyleTerm):
    """The roughness of the picture, in units of the exemplars'; without exemplars, of the start's."""


@dataclass(frozen=True, kw_only=True)
class ValueRange(_Term):
    """The square of what lies below 0 or above 1."""


Term = (
    SlicedWasserstein
    | ChannelMean
    | Moments
    | Gram
    | Histogram
    | PowerSpectrum
    | Autocorrelation
    | NearestPatches
    | PatternEnhancement
    | PatternAlignment
    | Content
    | TotalVariation
    | ValueRange
)
StyleTerm = (
    SlicedWasserstein | ChannelMean | Moments | Gram | Histogram | PowerSpectrum | Autocorrelation | NearestPatches
)
"""Terms that can't do without an exemplar; so can't `PatternAlignment`."""


@dataclass(frozen=True, kw_only=True)
class Adam(Variant):
    """The solver (Kingma & Ba 2015), its step falling linearly, with an average over the last iterates."""

    iterations: int = ranged(150, 1, 100_000)
    """Of the finest octave."""
    coarse_iterations: int = ranged(400, 1, 100_000)
    """Of the coarsest octave, where they are cheap and the layout is decided. In between they change by a constant
    factor from octave to octave."""
    learning_rate: float = ranged(0.02, 1e-6, 1.0)
    final_learning_rate: float = ranged(0.0005, 0.0, 1.0)
    average_from: float = ranged(0.5, 0.0, 1.0)
    """Share of the iterations after which the average starts; 1 takes the last iterate as it is."""
    tolerance: float = ranged(0.05, 0.0, 1.0)
    """An octave ends before its time when its loss falls by less than this share in a tenth of the iterations, as far
    as its noise lets that be told; 0 lets it end never before."""


@dataclass(frozen=True, kw_only=True)
class Lbfgs(Variant):
    """The solver (Liu & Nocedal 1989) with a strong Wolfe line search, its history kept over all iterations."""

    iterations: int = ranged(60, 1, 100_000)
    """Of the finest octave."""
    coarse_iterations: int = ranged(100, 1, 100_000)
    """Of the coarsest octave; in between they change by a constant factor."""
    history: int = ranged(10, 1, 200)
    tolerance: float = ranged(0.01, 0.0, 1.0)
    """As Adam's."""


Solver = Adam | Lbfgs


@dataclass(frozen=True, kw_only=True)
class _Step(Variant):
    from_size: int = ranged(0, 0, 16384)
    """It is left out in octaves where canvas or smallest exemplar is shorter, in px, as with `Octaves.start_size`."""
    to_size: int = ranged(16384, 0, 16384)
    """It is left out in octaves of this many px and more; the largest value leaves out none."""


@dataclass(frozen=True, kw_only=True)
class Optimise(_Step):
    """Change the canvas until the signed sum of the terms is small."""

    terms: tuple[Term, ...] = at_least_one(default=(SlicedWasserstein(),))
    solver: Solver = Adam()


@dataclass(frozen=True, kw_only=True)
class Sharpen(_Step):
    """Unsharp masking."""

    amount: float = ranged(0.5, 0.0, 10.0)
    """Share of the detail that is added."""
    radius: float = ranged(1.0, 0.1, 100.0)
    """Of the detail, in px: standard deviation of the Gaussian that is taken off."""


@dataclass(frozen=True, kw_only=True)
class Blur(_Step):
    """A Gaussian blur."""

    radius: float = ranged(1.0, 0.1, 100.0)
    """Standard deviation in px."""


@dataclass(frozen=True, kw_only=True)
class MatchColours(_Step):
    """Give the canvas the exemplars' colours."""

    method: ColourMatching = ColourMatching.HISTOGRAM


@dataclass(frozen=True, kw_only=True)
class Levels(_Step):
    """Stretch the values: `black` becomes 0, `white` becomes 1, and 0.5 becomes 0.5 to the power of 1 / `gamma`."""

    black: float = ranged(0.0, 0.0, 1.0)
    white: float = ranged(1.0, 0.0, 1.0)
    gamma: float = ranged(1.0, 0.1, 10.0)


@dataclass(frozen=True, kw_only=True)
class Offset(_Step):
    """Roll the canvas around the torus."""

    x: float = ranged(0.5, -1.0, 1.0)
    """To the right, as a share of the width."""
    y: float = ranged(0.5, -1.0, 1.0)
    """Downwards, as a share of the height."""


Step = Optimise | Sharpen | Blur | MatchColours | Levels | Offset


@dataclass(frozen=True, kw_only=True)
class Output:
    """How the result is written."""

    format: FileFormat = FileFormat.PNG
    bits: Bits = Bits.EIGHT
    """PNG and TIFF have 8 or 16, WebP has 8. EXR has 16 (half) where 8 or 16 are asked for, or 32 (float)."""
    green: Green = Green.OPENGL
    """Of the normal map's file."""
    naming: Naming = Naming.PLAIN
    """Of the files; the material is called as the first style image's colour map, where it is not plain."""
    packing: Packing = Packing.SEPARATE


@dataclass(frozen=True, kw_only=True)
class Estimates:
    """How the other maps of a material are estimated from its colour. One picture does not say them: they are guesses.

    What is high, and what is merely painted bright, looks the same in it.
    """

    flatten: float = ranged(1.0, 0.0, 1.0)
    """Share of the uneven light that is taken off the colour."""
    light_size: float = ranged(0.15, 0.02, 1.0)
    """How large the unevenness is, as a share of the shorter side: what is smaller is kept as the surface's own."""
    relief: float = ranged(0.015, 0.0, 1.0)
    """What the highest place is higher than the deepest, as a share of the width. Normals and occlusion follow it."""
    brightness: float = ranged(1.0, -1.0, 1.0)
    """How far bright means high; below 0 dark does (bright joints), at 0 brightness says nothing."""
    shading: float = ranged(0.5, 0.0, 4.0)
    """How far a place that is brighter than its surroundings is taken to face the light, where there is one."""
    light: float | None = field(default=None, metadata={"low": 0.0, "high": 360.0})
    """Whence the light comes, in degrees counterclockwise from the picture's right: 90 from above. If None, it is
    looked for in the shadows."""
    fine: float = ranged(0.25, 0.0, 4.0)
    """How strong relief is whose size is less than 1/200 of the shorter side."""
    medium: float = ranged(1.0, 0.0, 4.0)
    """How strong relief of a size in between is."""
    coarse: float = ranged(0.5, 0.0, 4.0)
    """How strong relief is whose size is more than 1/16 of the shorter side."""
    roughness: float = ranged(0.7, 0.0, 1.0)
    """Of the surface on the whole."""
    roughness_contrast: float = ranged(0.15, -1.0, 1.0)
    """How much rougher it is where the colour is restless; below 0 smoother."""
    reach: float = ranged(0.1, 0.01, 1.0)
    """How far what hides the sky may be away, as a share of the width."""
    metalness: float = ranged(0.0, 0.0, 1.0)
    """Is not estimated: the same all over."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """Everything that shapes a result. The same job gives the same picture on the CPU, bit for bit."""

    exemplars: tuple[Exemplar, ...] = ()
    """May be empty if no step needs one."""
    content: Picture | None = None
    """The image whose layout to follow, for `Content` terms and the `FromContent` seed."""
    canvas: Canvas = Canvas()
    octaves: Octaves = Octaves()
    steps: tuple[Step, ...] = at_least_one(default=(Optimise(),))
    output: Output = Output()


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked of a worker: a job, and what shapes no picture: where files are, and where to compute."""

    job: Job
    out: str
    """The folder for the job's files."""
    device: Device = Device.AUTO
    memory: float = ranged(0.0, 0.0, 4096.0)
    """Gigabytes (of 10^9 bytes) that the worker may hold on the device at most; 0 takes what is free. What does not
    fit is done in pieces: exact, but it takes longer."""
    weights: str = ""
    """File of the weights of VGG-19; if empty, where `weights fetch` puts it."""
    resume_from: int = ranged(0, 0, 999)
    """The octave (counted from 1) whose stage in `out` to go on from; 0 starts anew."""
    up_to_size: int = ranged(0, 0, 16384)
    """End with the first octave whose longer side has this many px; 0 goes on to the full size."""
    preview_size: int = ranged(0, 0, 4096)
    """Longest side in px of what is shown while the job runs (`Previewed`); 0 shows nothing."""


def images(job: Job) -> list[str]:
    """The paths of all image files that a job reads."""
    paths = [path for exemplar in job.exemplars for path in (*exemplar.maps.values(), exemplar.packed) if path]
    pictures = (job.content, job.canvas.seed, job.canvas.colour)
    return paths + [picture.path for picture in pictures if isinstance(picture, Picture)]


def relocated(job: Job, place: Callable[[str], str]) -> Job:
    """The job with what `place` makes of each path of an image file."""

    def located(picture: Any) -> Any:
        return dataclasses.replace(picture, path=place(picture.path)) if isinstance(picture, Picture) else picture

    exemplars = tuple(
        dataclasses.replace(
            exemplar,
            maps={kind: place(path) for kind, path in exemplar.maps.items()},
            packed=exemplar.packed and place(exemplar.packed),
        )
        for exemplar in job.exemplars
    )
    canvas = dataclasses.replace(job.canvas, seed=located(job.canvas.seed), colour=located(job.canvas.colour))
    return dataclasses.replace(job, exemplars=exemplars, content=located(job.content), canvas=canvas)


def limits(owner: type, name: str) -> tuple[float, float]:
    """The allowed range of a number field, both ends included, e.g. ``limits(Canvas, "width")``."""
    metadata = next(f.metadata for f in dataclasses.fields(owner) if f.name == name)
    return metadata["low"], metadata["high"]
