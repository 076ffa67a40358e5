import hashlib
import json
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors
import safetensors.torch
import torch
from weights_server import HUB_PATH, OFFICIAL_PATH, WebServer, as_torch, random_vgg

from neural_texture_addon.engine import http_ranges, weights_download
from neural_texture_addon.engine.errors import EngineError
from neural_texture_addon.engine.features import weights
from neural_texture_addon.engine.http_ranges import SourceError
from neural_texture_addon.engine.weights_download import Hub, Official
from neural_texture_addon.job.events import Fetched, Fetching

Tensors = dict[str, torch.Tensor]
Serve = Callable[..., Tensors]


@pytest.fixture
def hub(server: WebServer) -> Hub:
    return Hub(url=server.url + HUB_PATH, sha256=weights_download.HUB.sha256)


@pytest.fixture
def official(server: WebServer, serve_vgg: Serve) -> Official:
    """Up to relu3_1."""
    serve_vgg()
    content = server.files[OFFICIAL_PATH]
    digest = hashlib.sha256(content).hexdigest()[:8]
    return Official(url=server.url + OFFICIAL_PATH, sha256=digest, length=len(content))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "sub" / "vgg19.safetensors"


def complaint(source: Hub | Official, target: Path, up_to: str = "relu1_2") -> str:
    with pytest.raises(EngineError) as said:
        list(weights_download.fetch(source, target, up_to))
    (line,) = str(said.value).splitlines()
    assert not target.exists()
    return line


def parts(target: Path) -> list[Path]:
    return list(target.parent.glob(".*.part"))


def test_the_hub_gives_just_the_layers_that_are_asked_for(
    hub: Hub, server: WebServer, serve_vgg: Serve, target: Path
) -> None:
    tensors = serve_vgg("relu3_4")
    *progress, last = weights_download.fetch(hub, target, "relu2_2")
    assert last == Fetched(path=str(target), up_to="relu2_2")
    assert weights.depth(target) == "conv2_2"
    assert all(tensor.equal(tensors[key]) for key, tensor in weights.load(target, "relu2_2").items())
    assert progress[0] == Fetching(source=server.url[7:], done=0, total=progress[0].total)
    assert progress[-1].done == progress[-1].total
    assert sorted(event.done for event in progress) == [event.done for event in progress]
    needed = weights.bytes_up_to("relu2_2")
    assert needed <= progress[0].total < needed + 2 * weights_download._WORTH_A_REQUEST
    assert server.sent < needed + 4 * weights_download._WORTH_A_REQUEST < len(server.files[HUB_PATH]) / 2
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_no_more_than_ten_megabytes_for_the_usual_layers() -> None:
    assert weights_download.in_words(weights.bytes_up_to("relu3_4")) == "9 MB"
    assert weights.bytes_up_to("relu3_4") + 2 * weights_download._WORTH_A_REQUEST < 10e6


@pytest.mark.parametrize("gap", [0, 1 << 12, 1 << 19])
def test_any_order_of_the_tensors_will_do(
    gap: int, hub: Hub, server: WebServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Last layers first, with holes between them."""
    tensors = random_vgg("relu2_1")
    header, body = {"__metadata__": {"format": "pt"}}, b""
    for key in reversed(tensors):
        body += b"\xff" * gap
        content = tensors[key].numpy().tobytes()
        offsets = [len(body), len(body) + len(content)]
        header[key] = {"dtype": "F32", "shape": list(tensors[key].shape), "data_offsets": offsets}
        body += content
    text = json.dumps(header).encode()
    server.files[HUB_PATH] = len(text).to_bytes(8, "little") + text + body
    list(weights_download.fetch(hub, target, "relu2_1"))
    assert all(tensor.equal(tensors[key]) for key, tensor in weights.load(target, "relu2_1").items())


def test_a_header_that_is_longer_than_the_first_look_is_read(
    hub: Hub, server: WebServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filler = {"filler": "x" * (weights_download._FIRST_LOOK + 100)}
    server.files[HUB_PATH] = safetensors.torch.save(random_vgg("relu1_2"), filler)
    list(weights_download.fetch(hub, target, "relu1_2"))
    assert weights.depth(target) == "conv1_2"


def test_the_file_says_where_it_is_from(hub: Hub, serve_vgg: Serve, target: Path) -> None:
    serve_vgg()
    list(weights_download.fetch(hub, target, "relu1_1"))
    with safetensors.safe_open(target, framework="pt") as file:
        assert file.metadata() == {"source": hub.url, "up_to": "relu1_1"}


@pytest.mark.parametrize("kind", ["hub", "official"])
def test_cut_connections_are_taken_up_again(
    kind: str, hub: Hub, official: Official, server: WebServer, target: Path
) -> None:
    tensors = random_vgg("relu3_1")
    server.cuts = [1000, 0, 200_000, 70_000, 1, 0, 3]
    list(weights_download.fetch({"hub": hub, "official": official}[kind], target, "relu3_1"))
    assert not server.cuts
    assert all(tensor.equal(tensors[key]) for key, tensor in weights.load(target, "relu3_1").items())


@pytest.mark.parametrize("kind", ["hub", "official"])
def test_a_later_try_goes_on_where_the_first_was_cut_off(
    kind: str, hub: Hub, official: Official, server: WebServer, target: Path
) -> None:
    tensors, source = random_vgg("relu3_1"), {"hub": hub, "official": official}[kind]
    server.cuts = [1 << 20, 600_000] + [0] * 20
    assert complaint(source, target, "relu3_1").endswith("the connection was cut")
    (part,) = parts(target)
    kept = part.stat().st_size
    assert kept >= 500_000
    server.cuts, server.sent = [], 0
    steps = weights_download.fetch(source, target, "relu3_1")
    first = next(steps)
    assert first.done == kept
    list(steps)
    assert server.sent <= first.total - kept + (1 << 17)
    assert all(tensor.equal(tensors[key]) for key, tensor in weights.load(target, "relu3_1").items())
    assert not parts(target)


def test_a_part_of_another_version_is_not_mixed_in(hub: Hub, server: WebServer, serve_vgg: Serve, target: Path) -> None:
    serve_vgg()
    server.cuts = [1 << 20, 600_000] + [0] * 20
    complaint(hub, target, "relu3_1")
    server.cuts, server.tags = [], ['"two"']
    new = {key: tensor + 1 for key, tensor in safetensors.torch.load(server.files[HUB_PATH]).items()}
    server.files[HUB_PATH] = safetensors.torch.save(new)
    steps = weights_download.fetch(hub, target, "relu3_1")
    first = next(steps)
    assert first.done == 0
    list(steps)
    assert all(tensor.equal(new[key]) for key, tensor in weights.load(target, "relu3_1").items())
    assert not parts(target), "the old one is left"


def test_a_file_that_changes_between_two_ranges_is_noticed(
    hub: Hub, server: WebServer, serve_vgg: Serve, target: Path
) -> None:
    serve_vgg()
    server.tags = ['"one"', '"one"', '"two"']
    assert complaint(hub, target, "relu3_1").endswith("the file changed while it was fetched; try again")


def test_a_file_that_changes_its_length_is_noticed(official: Official, server: WebServer, target: Path) -> None:
    server.cuts = [400_000]
    steps = weights_download.fetch(official, target, "relu3_1")
    assert next(step for step in steps if step.done > 100_000)
    server.files[OFFICIAL_PATH] += b"more"
    with pytest.raises(SourceError, match="the file changed while it was fetched"):
        list(steps)


def test_a_hub_that_names_another_file_is_refused(hub: Hub, server: WebServer, serve_vgg: Serve, target: Path) -> None:
    """The hub says the SHA-256 of the whole file where it redirects to its storage."""
    serve_vgg()
    content = server.files["/storage"] = server.files[HUB_PATH]
    server.redirects[HUB_PATH] = "/storage"
    server.headers["X-Linked-Etag"] = f'"{"0" * 64}"'
    assert "is not the file that it was (SHA-256 000000" in complaint(hub, target)
    server.headers["X-Linked-Etag"] = f'"{hub.sha256}"'
    list(weights_download.fetch(hub, target, "relu1_2"))
    assert content


def test_a_hub_without_ranges_is_refused(hub: Hub, server: WebServer, serve_vgg: Serve, target: Path) -> None:
    serve_vgg()
    server.ranges = False
    assert complaint(hub, target).endswith("the server sends the whole file only")


def test_the_official_file_comes_without_ranges_too(official: Official, server: WebServer, target: Path) -> None:
    tensors = random_vgg("relu3_1")
    server.ranges, server.cuts = False, [10, 300_000, 900_000]
    list(weights_download.fetch(official, target, "relu2_2"))
    assert weights.depth(target) == "conv2_2"
    assert all(tensor.equal(tensors[key]) for key, tensor in weights.load(target, "relu2_2").items())
    assert not parts(target)


def test_a_damaged_official_file_is_thrown_away(official: Official, server: WebServer, target: Path) -> None:
    content = bytearray(server.files[OFFICIAL_PATH])
    content[-1000] ^= 1
    server.files[OFFICIAL_PATH] = bytes(content)
    assert f"not {official.sha256}...); try again" in complaint(official, target)
    assert not parts(target)


def test_an_official_file_with_code_is_not_run(
    official: Official, server: WebServer, target: Path, tmp_path: Path
) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (open, (str(tmp_path / "sprung"), "w"))

    content = server.files[OFFICIAL_PATH] = as_torch(random_vgg("relu1_1") | {"trap": Trap()}, legacy=True)
    forged = Official(url=official.url, sha256=hashlib.sha256(content).hexdigest(), length=len(content))
    assert "nothing in it was run" in complaint(forged, target)
    assert not (tmp_path / "sprung").exists()


def test_the_official_name_carries_its_hash() -> None:
    torchvision = pytest.importorskip("torchvision")
    assert weights_download.OFFICIAL.url == torchvision.models.VGG19_Weights.IMAGENET1K_V1.url
    assert f"-{weights_download.OFFICIAL.sha256}.pth" in weights_download.OFFICIAL.url


def with_header(header: bytes, length: int | None = None) -> bytes:
    return (len(header) if length is None else length).to_bytes(8, "little") + header + bytes(1000)


KEY = "features.0.weight"
HEADERS = {
    "absurdly long": with_header(b"{}", 2**63),
    "longer than the file": with_header(b"{}", 5000),
    "more than a megabyte": with_header(b" " * (1 << 20) + b"{}"),
    "empty": with_header(b""),
    "no JSON": with_header(b"hello"),
    "no UTF-8": with_header(b"\xff\xfe"),
    "too deep": with_header(b"[" * 100_000),
    "a list": with_header(b"[]"),
    "no such key": with_header(b"{}"),
    "no tensor": with_header(json.dumps({KEY: 3}).encode()),
    "beyond the end": with_header(
        json.dumps({KEY: {"dtype": "F32", "shape": [64, 3, 3, 3], "data_offsets": [0, 6912]}}).encode()
    ),
    "another length": with_header(
        json.dumps({KEY: {"dtype": "F32", "shape": [64, 3, 3, 3], "data_offsets": [0, 900]}}).encode()
    ),
    "a shape": with_header(json.dumps({KEY: {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()),
    "halves": with_header(
        json.dumps({KEY: {"dtype": "F16", "shape": [64, 3, 3, 3], "data_offsets": [0, 3456]}}).encode()
    ),
    "backwards": with_header(
        json.dumps({KEY: {"dtype": "F32", "shape": [64, 3, 3, 3], "data_offsets": [6912, 0]}}).encode()
    ),
    "short": b"abc",
    "nothing": b"",
}


@pytest.mark.parametrize("fault", HEADERS)
def test_a_header_that_makes_no_sense_is_refused(fault: str, hub: Hub, server: WebServer, target: Path) -> None:
    server.files[HUB_PATH] = HEADERS[fault]
    complaint(hub, target)
    assert len(server.asked) <= 3
    assert not parts(target)


def test_numbers_that_are_none_are_refused_and_forgotten(hub: Hub, server: WebServer, target: Path) -> None:
    tensors = random_vgg("relu1_2")
    tensors["features.2.bias"][3] = torch.nan
    server.files[HUB_PATH] = safetensors.torch.save(tensors)
    assert "features.2.bias holds numbers that are not finite" in complaint(hub, target)
    assert not parts(target)


@pytest.mark.parametrize("kind", ["hub", "official"])
def test_a_file_that_is_not_there_is_said_at_once(
    kind: str, hub: Hub, official: Official, server: WebServer, target: Path
) -> None:
    server.files.clear()
    assert complaint({"hub": hub, "official": official}[kind], target).endswith("the server answers 404 Not Found")
    assert len(server.asked) == 1


def test_a_passing_fault_of_the_server_is_waited_out(
    hub: Hub, server: WebServer, serve_vgg: Serve, target: Path
) -> None:
    serve_vgg()
    server.statuses = [503, 200, 502, 429]
    server.headers["Retry-After"] = "100"
    list(weights_download.fetch(hub, target, "relu1_1"))
    assert target.exists()


def test_a_server_that_stays_out_of_order_is_given_up(hub: Hub, server: WebServer, target: Path) -> None:
    server.statuses = [503] * 9
    assert complaint(hub, target).endswith("the server is overloaded or out of order")


def test_a_server_that_falls_silent_is_given_up(
    hub: Hub, server: WebServer, serve_vgg: Serve, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_vgg()
    monkeypatch.setattr(http_ranges, "_TIMEOUT", (1, 0.1))
    server.stalls[HUB_PATH] = 100
    assert complaint(hub, target).endswith(("the server does not answer", "the server can't be reached"))


def test_a_server_that_is_not_there_is_said(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_ranges, "_PAUSE", 0.001)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/x"
        assert complaint(Hub(url=url, sha256=""), target) == f"{url}: the server can't be reached"


def test_https_is_never_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer to an https:// request redirects to http://; our own server can't speak the former."""
    session = http_ranges._session("https://example.org/x")
    with pytest.raises(http_ranges.requests.exceptions.InvalidSchema):
        session.get("http://127.0.0.1:1/")
    assert all(source.url.startswith("https://") for source in weights_download.sources().values())


def test_the_mirror_stands_for_both_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(weights_download.MIRROR, "http://mirror:80/")
    urls = [source.url for source in weights_download.sources().values()]
    assert urls == [f"http://mirror:80{HUB_PATH}", f"http://mirror:80{OFFICIAL_PATH}"]


def test_a_disk_that_is_too_full_is_told_before(
    hub: Hub, serve_vgg: Serve, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_vgg()
    usage = shutil.disk_usage(target.anchor)._replace(free=50_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert "the disk is too full: 2 MB are needed, 50 kB are free" in complaint(hub, target, "relu3_1")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_disk_that_fills_up_is_one_line(
    hub: Hub, serve_vgg: Serve, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_vgg()
    target.parent.mkdir()
    real = weights_download._part

    def full(*arguments: object) -> Path:
        part = real(*arguments)
        part.symlink_to("/dev/full")
        return part

    monkeypatch.setattr(weights_download, "_part", full)
    assert "could not be written (the disk is full)" in complaint(hub, target)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_can_not_be_written_to_is_one_line(hub: Hub, serve_vgg: Serve, tmp_path: Path) -> None:
    serve_vgg()
    tmp_path.chmod(0o500)
    assert "could not be written" in complaint(hub, tmp_path / "x.safetensors")


def test_a_file_in_place_of_the_folder_is_one_line(hub: Hub, serve_vgg: Serve, tmp_path: Path) -> None:
    serve_vgg()
    (tmp_path / "file").touch()
    with pytest.raises(EngineError, match=r"could not be written \(.*\); name another file"):
        list(weights_download.fetch(hub, tmp_path / "file" / "x.safetensors", "relu1_1"))
