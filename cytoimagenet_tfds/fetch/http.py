"""HTTP as a patient, polite client: ranges, retries with backoff, a name to complain to."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import re
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import urllib3

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.version import __version__

USER_AGENT = f"cytoimagenet-tfds/{__version__} (dataset builder)"
_log = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")
_BLOCK = 1 << 20
# What may go well a moment later; any other status of 400 and above is final.
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_NO_NAME = "Failed to resolve"  # as urllib3 says it
_ABSENT = frozenset({404, 410, 416})  # 416: not even the first byte


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """How a client behaves.

    Attributes:
      connections: connections to one server at a time.
      attempts: tries in a row without a single new byte before it gives up.
      backoff: seconds before the second try; each further wait is twice as long.
      longest_wait: upper bound of one wait in seconds, also of what a server asks for.
      timeout: seconds without an answer or a byte after which a connection counts as dead.
      segment: bytes of one range request.
      user_agent: how the client names itself.
    """

    connections: int = 4
    attempts: int = 6
    backoff: float = 1.0
    longest_wait: float = 120.0
    timeout: float = 60.0
    segment: int = 32 << 20
    user_agent: str = USER_AGENT


@dataclasses.dataclass(frozen=True)
class Remote:
    """What a server says of a file.

    Attributes:
      url: the address after redirects.
      size: bytes, None where the server does not say.
      ranges: whether it sends parts of the file.
      validator: strong ETag or date, '' for none: a part of another version never gets mixed in.
    """

    url: str
    size: int | None
    ranges: bool
    validator: str


class Retry(Exception):
    """A failure that may pass; `wait` is what the server asked for, in seconds."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class Client:
    """A pool of connections that knows how to ask again."""

    def __init__(
        self, settings: Settings | None = None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.settings = settings or Settings()
        self._sleep = sleep
        self._headers = {"User-Agent": self.settings.user_agent, "Accept-Encoding": "identity"}
        options: dict[str, Any] = {
            "maxsize": self.settings.connections,
            "timeout": urllib3.Timeout(self.settings.timeout),
            # Redirects are followed; everything else is retried here, where progress counts.
            "retries": urllib3.Retry(
                connect=0, read=0, status=0, other=0, redirect=10, respect_retry_after_header=False
            ),
        }
        self._pool = urllib3.PoolManager(**options)
        # As the usual variables of the environment say: HTTPS_PROXY, HTTP_PROXY, NO_PROXY.
        self._proxies = {
            scheme: urllib3.ProxyManager(address, **options)
            for scheme, address in urllib.request.getproxies().items()
            if scheme in ("http", "https")
        }

    def probe(self, url: str) -> Remote:
        """Asks for the first byte: HEAD is refused or answered wrongly too often."""

        def ask() -> Remote:
            with self._open(url, {"Range": "bytes=0-0"}) as answer:
                partial = answer.status == 206
                size = _total_size(answer) if partial else _content_length(answer)
                return Remote(
                    urllib.parse.urljoin(url, answer.geturl()),
                    size,
                    partial and size is not None,
                    _validator(answer),
                )

        return self.persist(ask, url)

    def get(self, url: str) -> bytes:
        """Returns a small document whole."""

        def ask() -> bytes:
            with self._open(url, {}) as answer, _passing_failures():
                return bytes(answer.read(decode_content=True))

        return self.persist(ask, url)

    def blocks(self, remote: Remote, start: int, end: int | None) -> Iterator[bytes]:
        """Yields the bytes from `start` up to `end` in one request.

        Raises:
          Retry: the connection broke, or the server asked to come back later.
          FetchError: the server has another version now, or refuses for good.
        """
        headers = {}
        if remote.ranges and end is not None:
            headers["Range"] = f"bytes={start}-{end - 1}"
            if remote.validator:
                headers["If-Range"] = remote.validator
        with self._open(remote.url, headers) as answer, _passing_failures():
            if headers:
                _check_range(answer, remote, start, end)
            left = None if end is None else end - start
            for block in answer.stream(_BLOCK, decode_content=False):
                if left is not None:
                    if len(block) > left:
                        raise errors.FetchError(f"{remote.url} sends more bytes than it announced.")
                    left -= len(block)
                yield block
            if left:
                raise Retry(f"the connection ended {left:,} bytes early")

    def persist(self, action: Callable[[], _Answer], url: str) -> _Answer:
        """Calls `action` until it answers; raises FetchError after `attempts` failures."""
        for attempt in range(1, self.settings.attempts + 1):
            try:
                return action()
            except Retry as failure:
                if attempt == self.settings.attempts:
                    raise gave_up(url, attempt, failure) from failure
                self.wait(attempt, failure)
        raise errors.FetchError(f"{url}: no attempt is allowed; set attempts to 1 or more.")

    def wait(self, attempt: int, failure: Retry) -> None:
        """Sleeps before the next try: what the server asked for, else twice as long each time."""
        own = self.settings.backoff * 2 ** (attempt - 1)
        pause = min(failure.wait if failure.wait is not None else own, self.settings.longest_wait)
        if attempt > 1:  # the first may be chance; who waits longer should know why
            _log.warning(
                "Attempt %d of %d failed (%s); the next in %.0f s.",
                attempt, self.settings.attempts, failure, pause,
            )  # fmt: skip
        self._sleep(pause)

    def _manager(self, url: str) -> urllib3.PoolManager:
        parts = urllib.parse.urlsplit(url)
        if urllib.request.proxy_bypass(parts.hostname or ""):
            return self._pool
        return self._proxies.get(parts.scheme, self._pool)

    @contextlib.contextmanager
    def _open(self, url: str, headers: dict[str, str]) -> Iterator[urllib3.BaseHTTPResponse]:
        fields = {**self._headers, **headers}
        try:
            with _passing_failures():
                answer = self._manager(url).request(
                    "GET", url, headers=fields, preload_content=False
                )
        except urllib3.exceptions.LocationValueError as error:
            raise errors.FetchError(f"{url} is no address: {error}") from error
        try:
            if answer.status in _PASSING:
                raise Retry(f"the server answered {answer.status}", _retry_after(answer))
            if answer.status >= 400:
                kind = errors.AbsentError if answer.status in _ABSENT else errors.FetchError
                raise kind(_refusal(url, answer.status))
            yield answer
        finally:
            # Not returned to the pool: an answer that was not read to its end would poison it.
            answer.close()
            answer.release_conn()


@contextlib.contextmanager
def _passing_failures() -> Iterator[None]:
    try:
        yield
    except urllib3.exceptions.MaxRetryError as error:
        if isinstance(error.reason, urllib3.exceptions.ResponseError):
            raise errors.FetchError(f"{error.url}: too many redirects.") from error
        raise Retry(str(error.reason)) from error
    except (urllib3.exceptions.LocationValueError, urllib3.exceptions.LocationParseError):
        raise
    except (urllib3.exceptions.HTTPError, ConnectionError, TimeoutError) as error:
        raise Retry(str(error) or type(error).__name__) from error


def gave_up(url: str, attempts: int, failure: Retry) -> errors.FetchError:
    """Returns the error for a file that did not come after all attempts."""
    advice = ""
    if _NO_NAME in str(failure):
        advice = " Has this machine a network? Behind a proxy, set HTTPS_PROXY."
    return errors.FetchError(
        f"{url} did not come after {attempts} attempts: {failure}.{advice} What has arrived is "
        "kept; run the same command again to go on."
    )


def _refusal(url: str, status: int) -> str:
    meaning = {
        401: "it wants a login", 403: "it forbids the access", 404: "there is no such file",
        410: "the file was removed", 416: "the file is empty",
    }.get(status, "it refuses")  # fmt: skip
    return f"{url}: the server answered {status}: {meaning}."


def _content_length(answer: urllib3.BaseHTTPResponse) -> int | None:
    text = answer.headers.get("Content-Length", "")
    return int(text) if text.isdigit() else None


def _total_size(answer: urllib3.BaseHTTPResponse) -> int | None:
    found = re.fullmatch(r"bytes \d+-\d+/(\d+)", answer.headers.get("Content-Range", ""))
    return int(found.group(1)) if found else None


def _validator(answer: urllib3.BaseHTTPResponse) -> str:
    etag = answer.headers.get("ETag", "")
    if etag and not etag.startswith("W/"):
        return etag
    return answer.headers.get("Last-Modified", "")


def _retry_after(answer: urllib3.BaseHTTPResponse) -> float | None:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else None


def _check_range(
    answer: urllib3.BaseHTTPResponse, remote: Remote, start: int, end: int | None
) -> None:
    if answer.status != 206:
        raise errors.ChangedError(f"{remote.url} changed on the server while it was fetched.")
    found = answer.headers.get("Content-Range", "")
    expected = f"bytes {start}-{(end or 0) - 1}/{remote.size}"
    if found != expected:
        raise errors.FetchError(
            f"{remote.url} was asked for {expected!r} and announces {found!r}: the server does not "
            "keep to ranges; try again with one connection (--connections 1)."
        )
