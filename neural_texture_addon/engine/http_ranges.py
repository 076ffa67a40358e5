"""A file on a web server, read in ranges, all of one version. Knows nothing of what is in it.

EngineError
└── SourceError     the server can't give it
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Self

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from .errors import EngineError

_TIMEOUT = (10, 30)
"""Seconds to connect, and between two pieces of an answer."""
_TRIES = 4
"""In a row that bring nothing new."""
_PAUSE = 1.0
"""Seconds after the first of them, twice as long after each further."""
_CHUNK = 1 << 16


class SourceError(EngineError):
    """The server can't give what it was asked for."""


class RemoteFile:
    """One version of the file at a URL; the connection is closed with the context. Raises SourceError, as all here.

    An https:// file is read by https alone, wherever the server redirects to.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = _session(url)
        with self._patiently(0, 1) as answer:
            self.ranged = answer.status_code == 206
            self.length = _length(answer)
            self.version = _version(answer)
            self.sha256 = _sha256(answer)
        if self.length <= 0:
            raise SourceError(f"{url}: the server does not say how long the file is")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def content(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`."""
        found = bytearray(stop - start)
        for position, chunk in self.read(start, stop):
            found[position - start : position - start + len(chunk)] = chunk
        return bytes(found)

    def read(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        """The same piece by piece, each with its position; goes on after a cut connection.

        A server that knows no ranges begins at 0 again, whatever `start` is.
        """
        reached, tries = start, 0
        while reached < stop:
            position, furthest = reached if self.ranged else 0, reached
            try:
                with self._ask(position, stop) as answer:
                    self._check(answer, position)
                    for chunk in answer.iter_content(_CHUNK):
                        piece = chunk[: stop - position]
                        yield position, piece
                        position += len(piece)
                        reached = max(reached, position)
                        if position >= stop:
                            return
                reason = "it ended too early"
            except requests.RequestException as error:
                reason = _in_words(error)
            tries = 0 if reached > furthest else tries + 1
            if tries == _TRIES:
                raise SourceError(f"{self.url}: {reason}")
            time.sleep(_PAUSE * 2**tries / 2)

    def _patiently(self, start: int, stop: int) -> requests.Response:
        try:
            return self._ask(start, stop)
        except requests.RequestException as error:
            raise SourceError(f"{self.url}: {_in_words(error)}") from None

    def _ask(self, start: int, stop: int) -> requests.Response:
        wanted = {"Range": f"bytes={start}-{stop - 1}"}
        answer = self._session.get(self.url, headers=wanted, stream=True, timeout=_TIMEOUT)
        if answer.status_code not in (200, 206):
            answer.close()
            raise SourceError(f"{self.url}: the server answers {answer.status_code} {answer.reason}")
        return answer

    def _check(self, answer: requests.Response, start: int) -> None:
        if (answer.status_code == 206) != self.ranged or self._span_start(answer) != (start if self.ranged else 0):
            raise SourceError(f"{self.url}: the server sends another range than it was asked for")
        if (_version(answer), _length(answer)) != (self.version, self.length):
            raise SourceError(f"{self.url}: the file changed while it was fetched; try again")

    def _span_start(self, answer: requests.Response) -> int:
        found = _content_range(answer.headers)
        return int(found[1]) if found else 0


def _session(url: str) -> requests.Session:
    session = requests.Session()
    session.headers["Accept-Encoding"] = "identity"
    retry = Retry(
        total=3,
        backoff_factor=_PAUSE / 2,
        status_forcelist=(429, 500, 502, 503, 504),
        respect_retry_after_header=False,  # it may ask for hours
    )
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    if not url.startswith("http://"):
        del session.adapters["http://"]
    return session


def _content_range(headers: Mapping[str, str]) -> re.Match[str] | None:
    return re.fullmatch(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15})", headers.get("Content-Range", ""))


def _length(answer: requests.Response) -> int:
    """Of the whole file; 0 if the server does not say."""
    if answer.status_code == 206:
        found = _content_range(answer.headers)
        return int(found[2]) if found else 0
    said = answer.headers.get("Content-Length", "")
    return int(said) if re.fullmatch(r"\d{1,15}", said) else 0


def _version(answer: requests.Response) -> str:
    return answer.headers.get("ETag") or answer.headers.get("Last-Modified", "")


def _sha256(answer: requests.Response) -> str | None:
    """Of the whole file, if the server says it: the Hugging Face hub does, where it redirects."""
    for hop in [*answer.history, answer]:
        if found := re.fullmatch(r'"?([0-9a-f]{64})"?', hop.headers.get("X-Linked-Etag", "")):
            return found[1]
    return None


def _in_words(error: requests.RequestException) -> str:
    match error:
        case requests.exceptions.SSLError():
            return "the connection is not secure"
        case requests.exceptions.Timeout():
            return "the server does not answer"
        case requests.exceptions.InvalidSchema():
            return "the server redirects to an address that is not https"
        case requests.exceptions.ChunkedEncodingError():
            return "the connection was cut"
        case requests.exceptions.RetryError():
            return "the server is overloaded or out of order"
        case requests.exceptions.ConnectionError():
            return "the server can't be reached"
        case requests.exceptions.TooManyRedirects():
            return "the server redirects in a circle"
    return f"the request failed ({type(error).__name__})"
