"""A web server in a thread that has VGG-19 files of random numbers and may misbehave; fixtures of it."""

import io
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import safetensors.torch
import torch

from neural_texture_addon.engine import http_ranges, weights_download
from neural_texture_addon.engine.features import weights

HUB_PATH = urlsplit(weights_download.HUB.url).path
OFFICIAL_PATH = urlsplit(weights_download.OFFICIAL.url).path
Tensors = dict[str, torch.Tensor]


@dataclass
class WebServer:
    """What it has, how it behaves, and what it was asked for."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    tags: list[str] = field(default_factory=lambda: ['"one"'])
    """ETag of the first answer, of the second ...; the last stays."""
    cuts: list[int] = field(default_factory=list)
    """Bytes after which the first answer with a long body breaks off, the second ..."""
    statuses: list[int] = field(default_factory=list)
    """Instead of the first answer, the second ..."""
    redirects: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    """Of every answer besides its own."""
    stalls: dict[str, int] = field(default_factory=dict)
    """Bytes after which an answer at a path goes on only when the server ends."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Path and range of each request."""
    sent: int = 0
    ended: threading.Event = field(default_factory=threading.Event)


def _handler(server: WebServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            server.asked.append((self.path, wanted))
            tag = server.tags.pop(0) if len(server.tags) > 1 else server.tags[0]
            if server.statuses and (status := server.statuses.pop(0)) != 200:
                return self._head(status, 0)
            if self.path in server.redirects:
                return self._head(302, 0, Location=server.redirects[self.path])
            if self.path not in server.files:
                return self._head(404, 0)
            content = server.files[self.path]
            span = re.fullmatch(r"bytes=(\d+)-(\d+)", wanted)
            if not (span and server.ranges):
                self._head(200, len(content), ETag=tag)
                return self._body(content)
            start, stop = int(span[1]), min(int(span[2]) + 1, len(content))
            said = f"bytes {start}-{stop - 1}/{len(content)}"
            self._head(206, stop - start, **{"ETag": tag, "Content-Range": said})
            return self._body(content[start:stop])

        def _head(self, status: int, length: int, **headers: str) -> None:
            self.send_response(status)
            for name, value in ({"Content-Length": str(length)} | server.headers | headers).items():
                if value:
                    self.send_header(name, value)
            self.end_headers()

        def _body(self, content: bytes) -> None:
            try:
                if server.cuts and len(content) > 1:
                    content = content[: server.cuts.pop(0)]
                    self.close_connection = True
                if len(content) > (before := server.stalls.get(self.path, len(content))):
                    self.wfile.write(content[:before])
                    self.wfile.flush()
                    server.ended.wait()
                    return
                server.sent += len(content)
                self.wfile.write(content)
            except OSError:
                pass  # who asked has left

    return Handler


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    monkeypatch.setattr(http_ranges, "_PAUSE", 0.001)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    described = WebServer()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(described)) as http:
        described.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield described
        described.ended.set()
        http.shutdown()
        thread.join()


def random_vgg(up_to: str) -> Tensors:
    """As large as the real ones, values small."""
    generator = torch.Generator().manual_seed(1)
    return {key: torch.randn(shape, generator=generator) / 9 for key, shape in weights.shapes_up_to(up_to).items()}


def as_torch(state: object, *, legacy: bool = False) -> bytes:
    """What torch.save writes; torchvision's own file is of the old format."""
    stream = io.BytesIO()
    torch.save(state, stream, _use_new_zipfile_serialization=not legacy)
    return stream.getvalue()


@pytest.fixture
def vgg() -> Callable[[str], Tensors]:
    """VGG-19 of random numbers up to a layer."""
    return random_vgg


@pytest.fixture
def serve_vgg(server: WebServer) -> Callable[..., Tensors]:
    """Puts VGG-19 of random numbers on the server, under the paths of the real sources; gives its tensors."""

    def serve(up_to: str = "relu3_1") -> Tensors:
        tensors = random_vgg(up_to)
        beside = {"head.fc.weight": torch.zeros(20, 30), "pre_logits.fc1.bias": torch.zeros(40)}
        server.files[HUB_PATH] = safetensors.torch.save(tensors | beside)
        server.files[OFFICIAL_PATH] = as_torch(tensors | beside, legacy=True)
        return tensors

    return serve


@pytest.fixture
def real_weights() -> Path:
    """Pretrained weights up to conv3_4."""
    path = Path(__file__).parents[3] / "shared" / "weights" / "vgg19_features_conv1_1_to_conv3_4.pth"
    if not path.is_file():
        pytest.skip(f"the pretrained weights are not there: {path}")
    return path
