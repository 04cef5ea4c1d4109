"""Connections that are kept alive, the rule of repeats, and the one class of errors."""

import asyncio
import contextvars
import email.utils
import http.client
import io
import json
import os
import random
import re
import socket
import ssl
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple, TypeVar, Union
from urllib.parse import urlsplit

from ._contract import FACTS, HIDDEN

PAUSE_MAX = 3.0
# Far more than the gateway answers.
BYTES_MAX = 16 * 1024 * 1024
# An error's text stays short, whoever answered.
SAID_MAX = 500
SHOWN_ID_MAX = 100
THREADS_MAX = 64
T = TypeVar("T")
_end_of_call: "contextvars.ContextVar[float]" = contextvars.ContextVar("end_of_call")
# What has connections or locks. After a fork the child must not share them: it would read its parent's answers, or wait for a thread of its parent.
_unshared: "weakref.WeakSet[Any]" = weakref.WeakSet()


def unshare_when_forked(holder: Any) -> None:
    """Calls ``unshare`` of the holder now, and in each child process."""
    holder.unshare()
    _unshared.add(holder)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: [holder.unshare() for holder in list(_unshared)])


class LobbykeyError(Exception):
    """What went wrong, in words that say what to do. Never holds a key, a password or a token, and of what others wrote nothing that a
    terminal obeys.

    Decide by ``key``: a key of docs/errors.md, or ``not_reached``, ``unexpected_answer`` or ``tokens_busy``.
    ``code`` is the answer's, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        key: str,
        what_to_do: str,
        code: Union[int, str, None] = None,
        status: int = 0,
        may_repeat: bool = False,
        request_id: Optional[str] = None,
        retry_after: Optional[float] = None,
    ) -> None:
        shown_id = "" if request_id is None else f" (request ID {request_id[:SHOWN_ID_MAX]})"
        super().__init__(escape_hidden(f"{message}. {what_to_do}{shown_id}"))
        self.code = code
        self.key = key
        self.status = status
        self.what_to_do = what_to_do
        self.may_repeat = may_repeat
        self.request_id = request_id
        self.retry_after = retry_after


class Response:
    """An answer, read whole. ``headers`` go by lower-case names."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def json(self) -> Dict[str, Any]:
        """The body as a JSON object; empty where it is none."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


class Http:
    def __init__(self, base_url: str, deadline: float, attempt_timeout: float, first_pause: float) -> None:
        if not isinstance(base_url, str) or re.fullmatch(FACTS["baseUrl"], base_url) is None:
            raise ValueError("base_url must be the gateway's URL in ASCII, without user name and query, such as https://login.example.com")
        self.base_url = base_url.rstrip("/")
        parts = urlsplit(self.base_url)
        self._prefix = parts.path
        self._is_tls = parts.scheme == "https"
        self._host, self._port = parts.hostname or "", parts.port
        self._tls = ssl.create_default_context() if self._is_tls else None
        self.deadline = deadline
        self.attempt_timeout = attempt_timeout
        self.first_pause = first_pause
        unshare_when_forked(self)

    def unshare(self) -> None:
        self._idle: List[_Connection] = []
        self._lock = threading.Lock()

    def end(self) -> float:
        """When a call that begins now has to be over. Counted once a call, whatever it takes, and also while it waits for a thread."""
        return _end_of_call.get(None) or time.monotonic() + self.deadline

    def repeat(self, end: float, work: Callable[[float], T]) -> T:
        """Does the work again while its error says that a repeat can help, until the end. The work gets the end of each attempt."""
        attempt = 0
        while True:
            try:
                return work(min(end, time.monotonic() + self.attempt_timeout))
            except LobbykeyError as error:
                most = min(self.first_pause * 2**attempt, PAUSE_MAX)
                least = most / 2 if error.retry_after is None else error.retry_after
                pause = least + random.random() * most / 2
                if not error.may_repeat or time.monotonic() + pause >= end:
                    raise
            attempt += 1
            time.sleep(pause)

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: Optional[bytes], end: float, is_repeatable: bool = True
    ) -> Response:
        connection = self._take(is_repeatable)
        connection.end = end
        try:
            if time.monotonic() >= end:
                raise TimeoutError("no time is left")
            connection.request(method, self._prefix + path, body, dict(headers))
            try:
                answer = connection.getresponse()
                text = answer.read(BYTES_MAX + 1)
            except ValueError as error:  # A chunk of negative size.
                raise http.client.HTTPException("no HTTP") from error
            # With a bound, http.client takes half an answer for a whole one.
            if answer.length and len(text) <= BYTES_MAX:
                raise http.client.IncompleteRead(text, answer.length)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise LobbykeyError(
                f"The gateway did not answer ({type(error).__name__})",
                key="not_reached",
                what_to_do="Check base_url and the network; what was sent may have taken effect.",
                may_repeat=True,
            ) from error
        response = Response(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)
        if len(text) > BYTES_MAX:
            connection.close()
            raise unexpected_answer(response, f"The answer is larger than {BYTES_MAX} bytes")
        # After 101 nobody knows what comes.
        if answer.will_close or answer.status < 200:
            connection.close()
        else:
            with self._lock:
                self._idle.append(connection)
        return response

    def _take(self, is_repeatable: bool) -> "_Connection":
        """An idle connection may end just now: what cannot be sent twice gets a new one."""
        while is_repeatable:
            with self._lock:
                if not self._idle:
                    break
                connection = self._idle.pop()
            if connection.is_open():
                return connection
            connection.close()
        return _Connection(self._host, self._port, self._tls)


class Threads:
    """Where the calls of a client for asyncio run: the loop's own executor has few threads, and resolves names too."""

    def __init__(self, http: Http) -> None:
        self._http = http
        unshare_when_forked(self)

    def unshare(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS_MAX, "lobbykey")

    async def run(self, work: Callable[..., T], *args: Any, **named: Any) -> T:
        context = contextvars.copy_context()
        context.run(_end_of_call.set, self._http.end())
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: context.run(work, *args, **named))


class _Connection(http.client.HTTPConnection):
    """One whose every read and write is over by ``end``. A socket's own timeout begins anew with each byte."""

    end = 0.0

    def __init__(self, host: str, port: Optional[int], tls: Optional[ssl.SSLContext]) -> None:
        super().__init__(host, port or (80 if tls is None else 443))
        self._tls = tls

    def connect(self) -> None:
        self.timeout = time_left(self.end)
        super().connect()
        if self._tls is not None:
            self.sock.settimeout(time_left(self.end))
            self.sock = self._tls.wrap_socket(self.sock, server_hostname=self.host)

    def is_open(self) -> bool:
        """Whether nothing has come while it was idle: neither its end nor an answer that nobody asked for."""
        self.sock.settimeout(0)
        try:
            # Of the socket below TLS, which knows no MSG_PEEK.
            socket.socket.recv(self.sock, 1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def send(self, data: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(time_left(self.end))
        super().send(data)

    def response_class(self, sock: socket.socket, *args: Any, **options: Any) -> http.client.HTTPResponse:  # type: ignore[override]
        response = _Answer(sock, *args, **options)
        response.fp.close()
        response.fp = io.BufferedReader(_TimedReader(sock, self.end))
        return response


class _Answer(http.client.HTTPResponse):
    def _read_status(self) -> Tuple[str, int, str]:
        """http.client takes interim answers other than 100 for the answer, such as 103, early hints."""
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 101 < status < 200:
                return version, status, reason
            http.client.parse_headers(self.fp)


class _TimedReader(io.RawIOBase):
    def __init__(self, sock: socket.socket, end: float) -> None:
        self._sock = sock
        self._file = sock.makefile("rb", buffering=0)
        self._end = end
        self._bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Optional[int]:
        # A socket's timeout does not come while there is something to read.
        if time.monotonic() >= self._end:
            raise TimeoutError("no answer in time")
        # http.client bounds lines and what it is asked for, but not what a chunk of size -1 has it read.
        if self._bytes > 2 * BYTES_MAX:
            raise OSError("too large")
        self._sock.settimeout(time_left(self._end))
        count: Optional[int] = self._file.readinto(buffer)  # type: ignore[attr-defined]
        self._bytes += count or 0
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


def escape_hidden(text: str) -> str:
    """Replaces hidden characters, line breaks included, by JSON escapes of their UTF-16 units."""
    return re.sub(HIDDEN, lambda found: re.sub("....", r"\\u\g<0>", found[0].encode("utf-16-be", "surrogatepass").hex()), text)


def is_given(value: Any) -> bool:
    """Whether an option is there: a variable of the environment that is empty is as good as none."""
    return isinstance(value, str) and value != ""


def time_left(end: float) -> float:
    """Never nothing: a socket without time would not block at all."""
    return max(0.001, end - time.monotonic())


def error_of(codes: str, response: Response, **change: Any) -> LobbykeyError:
    """The failure that an answer tells by the codes of its API."""
    answer = response.json()
    said = answer.get("message", answer.get("msg"))
    row = _find_row(codes, answer.get("code"), response.status)
    if row is None or not isinstance(said, str):
        return unexpected_answer(
            response, f"HTTP {response.status} came, which is not an answer of the gateway", response.status >= 500 or response.status == 429
        )
    facts: Dict[str, Any] = {"code": row["code"], "key": row["key"], "what_to_do": row["cure"], "may_repeat": row["retry"] == "later"}
    return LobbykeyError(f"{row['code']} {said[:SAID_MAX]}", **{**_facts_of(response), **facts, **change})


def data_of(response: Response, types: Mapping[str, str]) -> Dict[str, Any]:
    """A success has to hold what the contract says: fields by their types of JSON."""
    data = response.json().get("data")
    data = data if isinstance(data, dict) else {}
    for name, kind in types.items():
        value = data.get(name)
        if not _is_of(kind, value):
            raise unexpected_answer(response, f"The answer is a success without {name}")
    return data


def _is_of(kind: str, value: Any) -> bool:
    if kind == "access token":
        return is_access_token(value)
    if kind == "integer":
        return is_number(value, int)
    return isinstance(value, {"string": str, "array": list}[kind])


def is_access_token(value: Any) -> bool:
    """Whether it is a text that a header can carry: http.client quotes the header that it refuses, so that its error would hold the token."""
    return isinstance(value, str) and re.fullmatch(FACTS["accessToken"], value) is not None


def is_number(value: Any, kind: Any) -> bool:
    """Whether it is one that can be reckoned with: an int has no bounds, a float has."""
    return isinstance(value, kind) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def unexpected_answer(response: Response, message: str, may_repeat: bool = False) -> LobbykeyError:
    return LobbykeyError(
        message,
        key="unexpected_answer",
        what_to_do="Check base_url; a proxy may have answered in the gateway's place.",
        may_repeat=may_repeat,
        **_facts_of(response),
    )


def tokens_busy() -> LobbykeyError:
    """Others renew the tokens, and this caller's time is over."""
    return LobbykeyError(
        "Another caller or process is renewing the tokens, and did not finish in time",
        key="tokens_busy",
        what_to_do="Call again; if this continues, look for a process that hangs while it holds the lock of the storage.",
        may_repeat=True,
    )


def _facts_of(response: Response) -> Dict[str, Any]:
    return {
        "status": response.status,
        "request_id": response.headers.get("x-request-id"),
        "retry_after": _retry_after_of(response.headers),
    }


def _retry_after_of(headers: Mapping[str, str]) -> Optional[float]:
    """How long the gateway, or a proxy before it, asks to wait: seconds or a date. None for what is neither."""
    text = headers.get("retry-after", "").strip()
    if re.fullmatch("[0-9]+", text):
        # More digits than these are more patience than anybody has.
        return float(text) if len(text) < 10 else 999_999_999.0
    date = _time_of(text)
    if date is None:
        return None
    # By the clock of whoever wrote the date.
    return max(0.0, date - (_time_of(headers.get("date", "")) or time.time()))


def _time_of(text: str) -> Optional[float]:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp() if text.endswith(" GMT") else None
    except (TypeError, ValueError, OverflowError):
        return None


def _find_row(codes: str, code: Any, status: int) -> Optional[Dict[str, Any]]:
    rows = [row for row in FACTS[codes] if row["code"] == code and type(row["code"]) is type(code)]
    return next((row for row in rows if row["status"] in (0, status)), rows[0] if rows else None)
