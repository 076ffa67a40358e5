"""What the artist reads of the job language: a label and a tooltip for each class, field and choice, and soft limits.

Ranges and defaults are not here: they are the job's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from ..job.description import (
    Adam,
    Autocorrelation,
    Bits,
    Blur,
    Canvas,
    Centring,
    ChannelMean,
    ColourMatching,
    Content,
    Crop,
    Estimates,
    Exemplar,
    FileFormat,
    Fit,
    Flat,
    FromContent,
    Gram,
    Green,
    Histogram,
    Job,
    Layer,
    Lbfgs,
    Levels,
    MapKind,
    MatchColours,
    Moments,
    Naming,
    NearestPatches,
    Noise,
    Octaves,
    Offset,
    Optimise,
    Output,
    PackedAs,
    Packing,
    Patches,
    PatternAlignment,
    PatternEnhancement,
    Picture,
    Plasma,
    Pooling,
    PowerSpectrum,
    Sharpen,
    SlicedWasserstein,
    Texels,
    Tiling,
    TotalVariation,
    ValueRange,
    Vgg19,
)


@dataclass(frozen=True)
class Words:
    """How a field is shown. The soft limits are how far a slider goes; more can be typed."""

    label: str
    tip: str
    soft: tuple[float, float] | None = None
    step: float = 10
    """Of a click on the arrows: in hundredths for numbers with a fraction."""
    precision: int = 2
    subtype: str = "NONE"


_SHARE = Words(
    "Weight",
    "How much this counts beside the other terms: more draws the picture closer to it. "
    "Below 0 it is turned around, and drives the picture away",
    (-10, 10),
)
_EXEMPLARS = Words("Style Images", "The style images that this term looks at; with none chosen, at all of them")
_FEATURES = Words(
    "Look At", "What of the pictures is compared: their pixels, small windows, or what a trained network sees"
)
_LEVELS = Words(
    "Levels",
    "At how many sizes the picture is compared, each half of the one before: more keeps large shapes while details "
    "are made, and takes a little longer",
    (1, 5),
    1,
)
_TERM = {"weight": _SHARE}
_STYLE_TERM = {"weight": _SHARE, "exemplars": _EXEMPLARS, "levels": _LEVELS, "features": _FEATURES}
_STEP = {
    "from_size": Words(
        "From Size",
        "The step is left out while the picture is smaller than this, in pixels: "
        "more lets it work on the details alone",
        (0, 2048),
        8,
        subtype="PIXEL",
    ),
    "to_size": Words(
        "Below Size",
        "The step is left out once the picture is this large, in pixels: less lets it "
        "work on the layout alone. At the largest value it is never left out",
        (0, 16384),
        8,
        subtype="PIXEL",
    ),
}
_ITERATIONS = Words(
    "Iterations",
    "How often the full-size picture is improved: more brings details closer to the style image, and takes longer",
    (10, 1000),
    10,
)
_COARSE = Words(
    "Coarse Iterations",
    "How often the smallest picture is improved, where the layout is decided: "
    "more makes large shapes more like the style image's, and takes little longer",
    (10, 2000),
    10,
)
_TOLERANCE = Words(
    "Tolerance",
    "A size is done before its time once a tenth of its iterations would bring it closer by less than this share: "
    "more is faster, 0 takes all iterations",
    (0, 0.2),
    1,
    3,
)

FIELDS: Mapping[type, Mapping[str, Words]] = {
    Estimates: {
        "flatten": Words("Flatten", "How much of the uneven light is taken off the colour: more makes it tile better"),
        "light_size": Words(
            "Light Size", "How large the unevenness is, as a share of the shorter side: less flattens more"
        ),
        "relief": Words(
            "Relief", "How high the relief is, as a share of the width: more makes everything steeper", (0, 0.1), 0.1, 3
        ),
        "brightness": Words("Brightness", "How far bright means high: less than 0 takes dark for high"),
        "shading": Words("Shading", "How far the bright side faces the light: more trusts in it more", (0, 2)),
        "light": Words("Light", "Whence the light comes, in degrees: 0 from the right, 90 from above"),
        "fine": Words("Fine", "How strong the finest relief is: more brings out grain, and noise", (0, 2)),
        "medium": Words("Medium", "How strong relief of a size in between is: more makes it stand out", (0, 2)),
        "coarse": Words("Coarse", "How strong the largest relief is: more makes it stand out", (0, 2)),
        "roughness": Words("Roughness", "How rough the surface is on the whole: less makes it shine"),
        "roughness_contrast": Words(
            "Roughness Contrast", "How much rougher it is where the colour is restless: less than 0 makes that smoother"
        ),
        "reach": Words(
            "Reach", "How far away the sky may be hidden, as a share of the width: more takes longer", (0.01, 0.3)
        ),
        "metalness": Words(
            "Metalness", "Whether the surface is bare metal, the same all over: more is more like metal"
        ),
    },
    Crop: {
        "left": Words(
            "Left",
            "Where the part begins, as a share of the image's width: more cuts off more at the left",
            step=1,
            precision=3,
            subtype="FACTOR",
        ),
        "top": Words(
            "Top",
            "Where the part begins, as a share of the image's height: more cuts off more at the top",
            step=1,
            precision=3,
            subtype="FACTOR",
        ),
        "width": Words(
            "Width",
            "Width of the part, as a share of the image's: less cuts off more at the right",
            step=1,
            precision=3,
            subtype="FACTOR",
        ),
        "height": Words(
            "Height",
            "Height of the part, as a share of the image's: less cuts off more at the bottom",
            step=1,
            precision=3,
            subtype="FACTOR",
        ),
    },
    Exemplar: {
        "maps": Words("File", "The image's file", subtype="FILE_PATH"),
        "weight": Words(
            "Weight",
            "How much the texture resembles this style image beside the others: more takes more from it",
            (0, 10),
        ),
        "scale": Words(
            "Scale",
            "Size of its bricks, leaves or grains in the texture: more draws them larger, 2 twice as large",
            (0.25, 4),
        ),
        "magnifications": Words(
            "Also At",
            "The image takes part at each of these sizes: more draws it larger. 1 and 2 give a texture "
            "with its features both as they are and twice as large",
            (0.25, 4),
        ),
        "crop": Words("Crop", "Which part of the image is used"),
        "packed": Words(
            "Packed",
            "A file with occlusion, roughness and metalness in its channels (ARM, ORM, mask map), for those that have "
            "no file of their own",
            subtype="FILE_PATH",
        ),
        "packed_as": Words("Packed As", "What the channels of the packed file hold"),
        "green": Words("Green", "Which way the green of its normal map goes"),
    },
    Plasma: {
        "roughness": Words(
            "Roughness",
            "More starts from finer clouds and gives smaller, more scattered features; less "
            "starts from large smooth ones",
            (0, 1),
            subtype="FACTOR",
        ),
    },
    Noise: {},
    Picture: {
        "path": Words("File", "The image's file", subtype="FILE_PATH"),
        "fit": Words("Fit", "How the image is brought to the texture's shape"),
    },
    FromContent: {},
    Flat: {"colour": Words("Colour", "The colour to start from: the texture keeps some of it", subtype="COLOR_GAMMA")},
    Canvas: {
        "width": Words(
            "Width",
            "In pixels: more shows more of the texture, not larger features; it takes longer and more memory",
            (64, 4096),
            64,
            subtype="PIXEL",
        ),
        "height": Words(
            "Height",
            "In pixels: more shows more of the texture, not larger features; it takes longer and more memory",
            (64, 4096),
            64,
            subtype="PIXEL",
        ),
        "maps": Words(
            "Maps", "The maps of the material that are made together; each style image needs a file for each"
        ),
        "map_weights": Words(
            "Map Weights",
            "How much this map counts beside the others: more keeps it closer to the style image's",
            (0, 5),
        ),
        "colour": Words("Colour", "A colour map that is made already: it stays as it is, and the other maps follow it"),
        "tiling": Words("Repeat", "The directions in which the texture repeats without a seam"),
        "seed": Words("Start From", "What the picture is before the first step"),
        "random_seed": Words(
            "Seed",
            "Another number gives another texture of the same kind; the same number gives the same again",
            step=1,
        ),
    },
    Octaves: {
        "start_size": Words(
            "Start Size",
            "Size of the first, smallest picture, in pixels: less lets larger shapes of the "
            "style image return, more breaks them up",
            (8, 256),
            1,
            subtype="PIXEL",
        ),
        "growth": Words(
            "Growth",
            "How much larger each picture is than the one before: less takes more rounds, is slower "
            "and keeps shapes better",
            (1.1, 2),
        ),
    },
    Texels: {},
    Patches: {
        "size": Words(
            "Size",
            "Side of the windows in pixels: larger windows keep larger pieces of the style image "
            "whole, smaller ones mix it more freely",
            (3, 15),
            1,
        ),
        "filters": Words(
            "Filters",
            "How many random filters look at the windows in each iteration: more is steadier and slower",
            (8, 256),
            8,
        ),
        "stride": Words(
            "Stride",
            "2 looks at every second window only, others each time: more is faster and a little noisier",
            (1, 4),
            1,
        ),
        "stride_from": Words(
            "Stride From",
            "Smaller pictures are looked at without a stride, in pixels: more is cleaner and slower",
            (0, 1024),
            8,
            subtype="PIXEL",
        ),
    },
    Vgg19: {
        "layers": Words(
            "Layers",
            "How much this layer of the network counts beside the others: more brings out what it sees. "
            "First layers see fine grain, later ones larger shapes",
            (-2, 2),
        ),
        "pooling": Words("Pooling", "How the network shrinks what it sees from layer to layer"),
    },
    SlicedWasserstein: {
        **_STYLE_TERM,
        "projections": Words(
            "Projections",
            "Random directions of comparison in each iteration: more is steadier and "
            "slower. Patches don't use it, they have their filters",
            (8, 256),
            8,
        ),
    },
    ChannelMean: _STYLE_TERM,
    Moments: _STYLE_TERM,
    Gram: {
        **_STYLE_TERM,
        "centring": Words(
            "Centring",
            "Whether average colours and brightness count beside the patterns: what features are measured from",
        ),
    },
    Histogram: _STYLE_TERM,
    PowerSpectrum: _STYLE_TERM,
    Autocorrelation: _STYLE_TERM,
    NearestPatches: {
        "weight": _SHARE,
        "exemplars": _EXEMPLARS,
        "levels": _LEVELS,
        "size": Words(
            "Size",
            "Side of the windows in pixels: more keeps larger pieces whole, less mixes them more freely",
            (3, 15),
            1,
        ),
        "components": Words(
            "Components",
            "By how many numbers the most similar window is looked for: more is more exact, and slower",
            (8, 128),
            8,
        ),
        "stride": Words(
            "Stride",
            "4 looks at every fourth window only, others each time: more is faster and a little noisier",
            (1, 8),
            1,
        ),
        "candidates": Words(
            "Candidates",
            "Among how many windows of the style image the most similar is looked for: more is crisper and slower",
            (1024, 2**17),
            1024,
        ),
    },
    PatternEnhancement: _STYLE_TERM,
    PatternAlignment: {
        **_STYLE_TERM,
        "limit": Words(
            "Limit",
            "How strong the style image's patterns may become: 1 is as strong as they are there, more exaggerates them",
            (0, 4),
        ),
    },
    Content: {**_TERM, "features": _FEATURES},
    TotalVariation: {"weight": _SHARE, "exemplars": _EXEMPLARS, "levels": _LEVELS},
    ValueRange: _TERM,
    Adam: {
        "iterations": _ITERATIONS,
        "coarse_iterations": _COARSE,
        "learning_rate": Words(
            "Step Size",
            "How far each iteration moves the picture at first: more is bolder, too much is restless",
            (0.001, 0.1),
            0.1,
            4,
        ),
        "final_learning_rate": Words(
            "Last Step Size",
            "How far the last iteration moves the picture: more leaves more noise, less ends calmer",
            (0, 0.02),
            0.01,
            5,
        ),
        "average_from": Words(
            "Average From",
            "The result is an average over the iterations from here on: more keeps grain, less is "
            "smoother; 1 takes the last picture as it is",
            (0, 1),
            5,
            subtype="FACTOR",
        ),
        "tolerance": _TOLERANCE,
    },
    Lbfgs: {
        "iterations": _ITERATIONS,
        "coarse_iterations": _COARSE,
        "history": Words(
            "History",
            "How many iterations it remembers: more finds its way in fewer iterations, and needs more memory",
            (3, 50),
            1,
        ),
        "tolerance": _TOLERANCE,
    },
    Optimise: {
        **_STEP,
        "terms": Words("Terms", "What the picture is to have in common with the images, each with its weight"),
        "solver": Words("Solver", "How the picture is changed from one iteration to the next"),
    },
    Sharpen: {
        **_STEP,
        "amount": Words("Amount", "More makes edges crisper, too much gives them halos", (0, 2)),
        "radius": Words(
            "Radius",
            "Size of the detail that is sharpened, in pixels: more sharpens coarser detail",
            (0.3, 10),
            subtype="PIXEL",
        ),
    },
    Blur: {**_STEP, "radius": Words("Radius", "In pixels: more takes away more detail", (0.3, 20), subtype="PIXEL")},
    MatchColours: {**_STEP, "method": Words("Match", "What of the style images' colours is matched")},
    Levels: {
        **_STEP,
        "black": Words(
            "Black",
            "What is as dark as this becomes black: more makes shadows darker",
            step=1,
            precision=3,
            subtype="FACTOR",
        ),
        "white": Words(
            "White",
            "What is as bright as this becomes white: less makes highlights brighter",
            step=1,
            precision=3,
            subtype="FACTOR",
        ),
        "gamma": Words("Gamma", "More makes the middle tones brighter, less darker", (0.2, 5)),
    },
    Offset: {
        **_STEP,
        "x": Words(
            "Right",
            "Rolls the picture to the right by this share of its width: more rolls it further, 0.5 by half",
            step=5,
            subtype="FACTOR",
        ),
        "y": Words(
            "Down",
            "Rolls the picture downwards by this share of its height: more rolls it further, 0.5 by half",
            step=5,
            subtype="FACTOR",
        ),
    },
    Output: {
        "format": Words("Format", "The format of the texture's files; all are without loss"),
        "bits": Words("Depth", "More bits make finer steps from dark to light: smoother heights, larger files"),
        "green": Words("Green", "Which way the green of the normal map's file goes"),
        "naming": Words("File Names", "Whose convention the files' names follow"),
        "packing": Words("Files", "Whether occlusion, roughness and metalness share an image file"),
    },
    Job: {
        "exemplars": Words("Style Images", "The textures to resemble"),
        "content": Words("Content Image", "An image whose layout to follow"),
        "canvas": Words("Texture", "The picture that is made"),
        "octaves": Words("Octaves", "The sizes that it is made at one after the other, from small to large"),
        "steps": Words("Steps", "What is done at each size, in this order"),
        "output": Words("Output", "How the texture is written"),
    },
}

CLASSES: Mapping[type, tuple[str, str]] = {
    Plasma: ("Plasma", "Clouds in the style image's colours"),
    Noise: ("Noise", "Every pixel a random one of the style image"),
    Picture: ("Image", "An image file, whose layout shows through in the texture"),
    FromContent: ("Content Image", "The content image, whose layout shows through"),
    Flat: ("Colour", "One colour all over"),
    Texels: ("Pixels", "The colours themselves, pixel by pixel"),
    Patches: ("Patches", "Random filters over small windows: fine detail; needs no download"),
    Vgg19: ("VGG-19", "What a network sees that was trained on photographs: whole objects; needs a download"),
    SlicedWasserstein: ("Sliced Wasserstein", "All features as often as in the style image: the closest likeness"),
    ChannelMean: ("Channel Mean", "The average of each feature: a loose likeness"),
    Moments: ("Moments", "How strong the features are, how much they vary, and which go together: close and fast"),
    Gram: ("Gram Matrix", "Which features appear together: the classic measure of style"),
    Histogram: ("Histogram", "How often each feature is weak or strong, by itself: steadier contrast and colours"),
    PowerSpectrum: ("Power Spectrum", "What repeats, and how often: weaves, grids, rows of bricks"),
    Autocorrelation: ("Autocorrelation", "At which distances the texture is like itself: regular arrangements"),
    NearestPatches: (
        "Nearest Patches",
        "Each small window like one of the style image's: no smudges, clean edges. A little of it is enough: "
        "much of it makes the picture plain",
    ),
    PatternEnhancement: ("Enhance Patterns", "Exaggerates whatever patterns are seen in the picture, as in a dream"),
    PatternAlignment: ("Align Patterns", "Makes the style image's patterns stronger, up to a limit"),
    Content: ("Content", "The content image's layout, place by place"),
    TotalVariation: ("Total Variation", "Less roughness; with a negative weight, more"),
    ValueRange: ("Value Range", "Keeps the values from leaving the range of an image"),
    Adam: ("Adam", "Small steady steps; works with every term"),
    Lbfgs: (
        "L-BFGS",
        "Fewer, larger leaps; not for terms that draw something anew each time (Patches, Sliced Wasserstein)",
    ),
    Optimise: ("Optimise", "Change the picture, little by little, until it resembles the images"),
    Sharpen: ("Sharpen", "Make edges crisper"),
    Blur: ("Blur", "Take away detail"),
    MatchColours: ("Match Colours", "Give the picture the style images' colours"),
    Levels: ("Levels", "Set black, white and the brightness between"),
    Offset: ("Offset", "Roll the picture: what leaves at one border comes in at the other"),
}

CHOICES: Mapping[Enum, tuple[str, str]] = {
    Naming.PLAIN: ("Plain", "result, result_normal, result_height and so on"),
    Naming.BLENDER: ("Blender", "wall_Color, wall_Normal, wall_Displacement and so on"),
    Naming.UNREAL: ("Unreal", "T_wall_BC, T_wall_N, T_wall_ORM; it wants DirectX's green besides"),
    Naming.UNITY: ("Unity", "wall_BaseMap, wall_Normal, wall_MetallicSmoothness and so on"),
    Naming.GODOT: ("Godot", "wall_albedo, wall_normal, wall_orm and so on"),
    Naming.GLTF: ("glTF", "wall_baseColor, wall_normal, wall_occlusionRoughnessMetallic and so on"),
    MapKind.COLOUR: ("Colour", "The surface's colour"),
    MapKind.NORMAL: ("Normal", "Which way the surface faces"),
    MapKind.HEIGHT: ("Height", "How high the surface is"),
    MapKind.ROUGHNESS: ("Roughness", "How much the surface scatters light"),
    MapKind.OCCLUSION: ("Occlusion", "How much of the sky the surface sees from its hollows: black sees none"),
    MapKind.METALNESS: ("Metalness", "Where the surface is bare metal: white"),
    Packing.SEPARATE: ("One for Each Map", "An image file for each map"),
    Packing.PACKED: ("Packed", "Occlusion, roughness and metalness in the red, green and blue of one image (ARM)"),
    PackedAs.ARM: ("ARM", "Occlusion, roughness and metalness in red, green and blue; also called ORM"),
    PackedAs.MASK_MAP: ("Mask Map", "Metalness in red, occlusion in green, smoothness in alpha: Unity's HDRP"),
    PackedAs.METALLIC_SMOOTHNESS: (
        "Metallic Smoothness",
        "Metalness in red, smoothness in alpha: Unity's URP and built-in shaders",
    ),
    Green.OPENGL: ("OpenGL", "More green leans up the image: Blender, glTF, Unity, Godot"),
    Green.DIRECTX: ("DirectX", "More green leans down the image: Unreal"),
    Tiling.BOTH: ("Both", "Repeats without a seam in both directions"),
    Tiling.X: ("Horizontally", "Repeats to the left and right only"),
    Tiling.Y: ("Vertically", "Repeats upwards and downwards only"),
    Tiling.NONE: ("None", "Does not repeat: a single picture with borders"),
    Pooling.AVERAGE: ("Average", "Smoother textures"),
    Pooling.MAXIMUM: ("Maximum", "As the network was trained: bolder, a little grainier"),
    Centring.ORIGIN: ("None", "From zero: averages and patterns count together, as in the classic recipe"),
    Centring.EXEMPLAR: (
        "Style Image",
        "From the style image's average: patterns count, and so does a shift of colours",
    ),
    Centring.CANVAS: ("Each Its Own", "From each picture's own average: patterns count, colours don't"),
    Fit.CROP: ("Crop", "The largest part about its middle that has the shape"),
    Fit.WRAP: ("Stretch", "Stretched to the shape; its borders are taken to fit each other"),
    Fit.MIRROR: ("Mirror", "With mirrored copies beside and below it, so that it repeats without a seam"),
    ColourMatching.HISTOGRAM: ("Histogram", "All the colours as often as in the style images"),
    ColourMatching.COVARIANCE: ("Average and Spread", "The overall tint and contrast; a milder change"),
    FileFormat.PNG: ("PNG", "Understood everywhere"),
    FileFormat.TIFF: ("TIFF", "Larger files, quickly written"),
    FileFormat.WEBP: ("WebP", "Small files of 8 bits; up to 16383 pixels a side"),
    FileFormat.EXR: ("OpenEXR", "Floating point, for compositing and displacement; 16 bits or 32"),
    Bits.EIGHT: ("8 bit", "256 steps from black to white: enough for colours (OpenEXR takes 16 bits)"),
    Bits.SIXTEEN: ("16 bit", "65536 steps: for heights and normals without visible terraces"),
    Bits.THIRTY_TWO: ("32 bit", "Full floating point, in OpenEXR only"),
    Layer.RELU1_1: ("relu1_1", "Colours and fine edges"),
    Layer.RELU1_2: ("relu1_2", "Colours and fine edges"),
    Layer.POOL1: ("pool1", "Colours and fine edges"),
    Layer.RELU2_1: ("relu2_1", "Grain, lines and corners"),
    Layer.RELU2_2: ("relu2_2", "Grain, lines and corners"),
    Layer.POOL2: ("pool2", "Grain, lines and corners"),
    Layer.RELU3_1: ("relu3_1", "Small motifs"),
    Layer.RELU3_2: ("relu3_2", "Small motifs"),
    Layer.RELU3_3: ("relu3_3", "Small motifs"),
    Layer.RELU3_4: ("relu3_4", "Motifs"),
    Layer.POOL3: ("pool3", "Motifs"),
    Layer.RELU4_1: ("relu4_1", "Parts of objects"),
    Layer.RELU4_2: ("relu4_2", "Parts of objects"),
    Layer.RELU4_3: ("relu4_3", "Parts of objects"),
    Layer.RELU4_4: ("relu4_4", "Parts of objects"),
    Layer.POOL4: ("pool4", "Parts of objects"),
    Layer.RELU5_1: ("relu5_1", "Whole objects and their arrangement"),
    Layer.RELU5_2: ("relu5_2", "Whole objects and their arrangement"),
    Layer.RELU5_3: ("relu5_3", "Whole objects and their arrangement"),
    Layer.RELU5_4: ("relu5_4", "Whole objects and their arrangement"),
    Layer.POOL5: ("pool5", "Whole objects and their arrangement"),
}
