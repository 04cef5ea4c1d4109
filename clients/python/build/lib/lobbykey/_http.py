"""Connections that are kept alive, the rule of repeats, and the one class of errors."""

import http.client
import json
import random
import ssl
import threading
import time
from typing import Any, Callable, Dict, List, Mapping, Optional, TypeVar, Union
from urllib.parse import urlsplit

from ._contract import FACTS

PAUSE_MAX = 3.0
T = TypeVar("T")


class LobbykeyError(Exception):
    """What went wrong, in words that say what to do. Never holds a key, a password or a token.

    Decide by ``key``: a key of docs/errors.md, or ``not_reached`` or ``unexpected_answer``. ``code`` is the answer's, or None.
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
        super().__init__(f"{message}. {what_to_do}")
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
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


class Http:
    def __init__(self, base_url: str, deadline: float, attempt_timeout: float, first_pause: float) -> None:
        parts = urlsplit(base_url.rstrip("/"))
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            raise ValueError("base_url must be the gateway's origin, such as https://login.example.com")
        self.base_url = base_url.rstrip("/")
        self._prefix = parts.path
        self._is_tls = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._tls = ssl.create_default_context() if self._is_tls else None
        self._idle: List[http.client.HTTPConnection] = []
        self._lock = threading.Lock()
        self.deadline = deadline
        self.attempt_timeout = attempt_timeout
        self.first_pause = first_pause

    def repeat(self, work: Callable[[float], T]) -> T:
        """Does the work again while its error says that a repeat can help, until the deadline."""
        end = time.monotonic() + self.deadline
        attempt = 0
        while True:
            try:
                return work(max(0.001, min(self.attempt_timeout, end - time.monotonic())))
            except LobbykeyError as error:
                most = min(self.first_pause * 2**attempt, PAUSE_MAX)
                least = most / 2 if error.retry_after is None else error.retry_after
                pause = least + random.random() * most / 2
                if not error.may_repeat or time.monotonic() + pause >= end:
                    raise
            attempt += 1
            time.sleep(pause)

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: Optional[bytes], timeout: float, is_repeatable: bool = True
    ) -> Response:
        connection = self._take(is_repeatable)
        connection.timeout = timeout
        if connection.sock is not None:
            connection.sock.settimeout(timeout)
        try:
            connection.request(method, self._prefix + path, body, dict(headers))
            answer = connection.getresponse()
            response = Response(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise LobbykeyError(
                f"The gateway did not answer ({type(error).__name__})",
                key="not_reached",
                what_to_do="Check base_url and the network; what was sent may have taken effect.",
                may_repeat=True,
            ) from error
        if not answer.will_close:
            with self._lock:
                self._idle.append(connection)
        return response

    def _take(self, is_repeatable: bool) -> http.client.HTTPConnection:
        """A connection that is idle may be closed already: what cannot be sent twice gets a new one."""
        if is_repeatable:
            with self._lock:
                if self._idle:
                    return self._idle.pop()
        if self._tls is not None:
            return http.client.HTTPSConnection(self._host, self._port, context=self._tls)
        return http.client.HTTPConnection(self._host, self._port)


def error_of(codes: str, response: Response, **change: Any) -> LobbykeyError:
    """The failure that an answer tells by the codes of its API."""
    answer = response.json()
    after = response.headers.get("retry-after", "")
    facts: Dict[str, Any] = {
        "status": response.status,
        "request_id": response.headers.get("x-request-id"),
        "retry_after": float(after) if after.isdigit() else None,
    }
    said = answer.get("message", answer.get("msg"))
    row = _find_row(codes, answer.get("code"), response.status)
    if row is None or said is None:
        return LobbykeyError(
            f"HTTP {response.status} came, and no answer of the gateway",
            key="unexpected_answer",
            what_to_do="Check base_url; a proxy may have answered in the gateway's place.",
            may_repeat=response.status >= 500 or response.status == 429,
            **facts,
        )
    facts.update(code=row["code"], key=row["key"], what_to_do=row["cure"], may_repeat=row["retry"] == "later")
    facts.update(change)
    return LobbykeyError(f"{row['code']} {said}", **facts)


def _find_row(codes: str, code: Any, status: int) -> Optional[Dict[str, Any]]:
    rows = [row for row in FACTS[codes] if row["code"] == code and type(row["code"]) is type(code)]
    return next((row for row in rows if row["status"] in (0, status)), rows[0] if rows else None)
