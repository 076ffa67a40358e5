"""Make the pictures of docs/gallery and the presets' thumbnails from the project's own examples.

.venv/tests/bin/python scripts/gallery.py --weights VGG19_FEATURES [FIGURE ...]

Results are kept in build/gallery; what is there already is not made again.
"""

import argparse
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from readme_pictures import repeated

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from neural_texture_addon.job import presets  # noqa: E402
from neural_texture_addon.job.description import Canvas, Exemplar, Levels, MapKind, Octaves, Picture  # noqa: E402
from neural_texture_addon.job.presets import Family  # noqa: E402
from neural_texture_addon.job.wire import job_to_json  # noqa: E402

OUT, BUILD = ROOT / "docs" / "gallery", ROOT / "build" / "gallery"
CONTENT = ROOT / "examples" / "still_life.jpg"
SIDE, GAP, CAPTION = 256, 8, 22
THUMBNAIL = 128


def main():
    figures = {f.__name__: f for f in (families, three_stages, style_transfer, several_styles, dream, thumbnails)}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=", ".join(figures))
    parser.add_argument("--weights", required=True)
    parsed = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    for name in parsed.figures or figures:
        figures[name](Engine(parsed.weights))


class Engine:
    """Makes jobs into pictures."""

    def __init__(self, weights):
        self.weights = weights

    def make(self, name, job):
        """The result of a job, from build/gallery if it is there."""
        out, file = BUILD / name, BUILD / f"{name}.json"
        if not (file.is_file() and file.read_text() == job_to_json(job) and (out / "result.png").is_file()):
            out.mkdir(parents=True, exist_ok=True)
            file.write_text(job_to_json(job))
            command = ["run", file, "--weights", self.weights, "--device", "cpu", "--out", out]
            subprocess.run([sys.executable, "-m", "neural_texture_addon.engine", *command], cwd=ROOT, check=True)
        return Image.open(out / "result.png").convert("RGB")


def families(engine):
    """The default preset with and without pretrained weights."""
    for name in ("fallen_leaves", "brick_wall"):
        preset = presets.load(presets.DEFAULT)
        tiles = [engine.make(f"{name}_{f}", job_of(preset.jobs[f], name)) for f in (Family.PATCHES, Family.BOTH)]
        captions = ("exemplar", "without weights, repeated 2x2", "with VGG-19 (9 MB), repeated 2x2")
        save(f"families_{name}", captions, [small(Image.open(colour_of(name)), 2 * SIDE), *map(repeated, tiles)])


def three_stages(engine):
    """The figure of the post: plasma, style, pattern; enlarged and repeated."""
    preset = presets.load("style_and_pattern").jobs[Family.VGG19]
    name = "pebbles"
    whole = replace(job_of(preset, name, 2 * SIDE), exemplars=(exemplar(name, scale=1.0),))
    style, pattern = (replace(job_of(preset, name, 256), steps=preset.steps[:count]) for count in (1, 2))
    plasma = replace(style, steps=(Levels(),))  # which leave all as it is
    pictures = [
        engine.make(f"{name}_plasma", plasma),
        engine.make(f"{name}_style", style),
        engine.make(f"{name}_pattern", pattern),
        engine.make(f"{name}_enlarged", whole),
    ]
    save(f"three_stages_{name}", ("plasma", "style", "pattern", "enlarged, style and pattern again"), pictures)


def style_transfer(engine):
    """From much content to much style."""
    preset = presets.load("style_transfer").jobs[Family.VGG19]
    captions, pictures = ["content"], [small(Image.open(CONTENT), 256)]
    for weight in (10.0, 1.0, 0.1, 0.01):
        *style, content = preset.steps[0].terms
        step = replace(preset.steps[0], terms=(*style, replace(content, weight=weight)))
        job = replace(job_of(preset, "fallen_leaves"), content=Picture(path=str(CONTENT)), steps=(step,))
        job = replace(job, canvas=replace(preset.canvas, width=256, height=192))
        captions.append(f"content weight {weight:g}")
        pictures.append(engine.make(f"transfer_{weight:g}", job))
    save("style_transfer", captions, pictures)


def several_styles(engine):
    """Two exemplars in one target, with changing shares."""
    job = job_of(presets.load(presets.DEFAULT).jobs[Family.BOTH], "pebbles")
    captions, pictures = [], []
    for share in (0.25, 0.5, 0.75):
        pair = (exemplar("pebbles", weight=1 - share), exemplar("fallen_leaves", weight=share))
        captions.append(f"{1 - share:.0%} pebbles, {share:.0%} leaves")
        pictures.append(engine.make(f"styles_{share:g}", replace(job, exemplars=pair)))
    save("several_styles", captions, pictures)


def dream(engine):
    """Patterns enhanced in any picture, and in a seamless tile."""
    preset = presets.load("dream").jobs[Family.VGG19]
    picture = engine.make("dream_picture", filter_of(preset, CONTENT, 512, 384))
    tile = BUILD / "fallen_leaves_both" / "result.png"
    families(engine)
    dreamt = engine.make("dream_tile", filter_of(preset, tile, 256, 256, tiling="both"))
    captions = ("picture", "dreamt", "tile, repeated 2x2", "dreamt, repeated 2x2")
    pictures = [Image.open(CONTENT), picture, *(small(repeated(t), 384) for t in (Image.open(tile), dreamt))]
    save("dream", captions, pictures)


def thumbnails(engine):
    """What each preset makes of an example that it is for."""
    fitting = {"regular": "brick_wall", "default": "pebbles", "draft": "pebbles", "final": "pebbles"}
    for name in presets.names():
        preset = presets.load(name)
        job = preset.choose(None, weights=True)
        if name == "dream":
            job = filter_of(job, BUILD / "fallen_leaves_both" / "result.png", 256, 256)
        elif name == "style_transfer":
            job = replace(job_of(job, "fallen_leaves"), content=Picture(path=str(CONTENT)))
        else:
            job = job_of(job, fitting.get(name, "fallen_leaves"))
        picture = small(engine.make(f"preset_{name}", at_half_size(job)), THUMBNAIL)
        picture.save(ROOT / "neural_texture_addon" / "job" / "presets" / f"{name}.png", optimize=True)


def colour_of(name):
    return ROOT / "examples" / name / f"{name}_Color.png"


def exemplar(name, **fields):
    """An example, unless told otherwise at half its size: 256 px."""
    return Exemplar(maps={MapKind.COLOUR: str(colour_of(name))}, **({"scale": 0.5} | fields))


def job_of(job, name, side=SIDE):
    return replace(job, exemplars=(exemplar(name),), canvas=replace(job.canvas, width=side, height=side))


def at_half_size(job):
    exemplars = tuple(replace(exemplar, scale=exemplar.scale / 2) for exemplar in job.exemplars)
    return replace(job, exemplars=exemplars, canvas=replace(job.canvas, width=THUMBNAIL, height=THUMBNAIL))


def filter_of(job, path, width, height, tiling="none"):
    """The job's steps on a picture, at its own size."""
    picture = Picture(path=str(path))
    canvas = Canvas(width=width, height=height, seed=picture, tiling=tiling)
    return replace(job, canvas=canvas, content=picture, octaves=Octaves(start_size=max(width, height)))


def small(picture, width):
    height = round(picture.height * width / picture.width)
    return picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)


def save(name, captions, pictures):
    """The pictures side by side, each above its caption."""
    width = sum(p.width for p in pictures) + GAP * (len(pictures) - 1)
    height = max(p.height for p in pictures)
    sheet, x = Image.new("RGB", (width, height + CAPTION), "white"), 0
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for caption, picture in zip(captions, pictures, strict=True):
        sheet.paste(picture, (x, height - picture.height))
        draw.text((x, height + 3), caption, fill="black", font=font)
        x += picture.width + GAP
    sheet.save(OUT / f"{name}.jpg", quality=90)
    print(OUT / f"{name}.jpg")


if __name__ == "__main__":
    main()
