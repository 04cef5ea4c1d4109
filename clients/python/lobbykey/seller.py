"""The seller API: requests that always carry a good access token."""

import contextlib
import json
import os
import random
import secrets
import stat
import threading
import time
import warnings
from typing import Any, Callable, ContextManager, Dict, Iterator, Mapping, Optional, Union

from ._contract import FACTS
from ._http import (
    Http,
    LobbykeyError,
    Response,
    Threads,
    data_of,
    error_of,
    escape_hidden,
    is_access_token,
    is_given,
    is_number,
    time_left,
    tokens_busy,
    unshare_when_forked,
)

try:
    import fcntl
except ImportError:  # Windows: processes that start together log in once each.
    fcntl = None  # type: ignore[assignment]

Tokens = Dict[str, Any]
# Share of an access token's life after which it is renewed: between these two, by chance, so that processes do not do it at once.
RENEW_FROM, RENEW_TO = 0.75, 0.9
LOCK_PAUSE = 0.05
TOKEN_TYPES = {"accessToken": "access token", "refreshToken": "string", "expiresIn": "integer"}
IDENTITY_TYPES = {"sellerId": "string", "email": "string", "expiresAt": "string"}


class MemoryStorage:
    """Of this client alone. A storage of your own has the same three methods."""

    def __init__(self) -> None:
        self._tokens: Optional[Tokens] = None

    def read(self) -> Optional[Tokens]:
        return self._tokens

    def write(self, tokens: Optional[Tokens]) -> None:
        self._tokens = tokens

    def exclusively(self, wait: float) -> ContextManager[None]:
        """Entered while tokens are renewed: nobody else of the same storage is in it then. After ``wait`` seconds in vain it raises."""
        return contextlib.nullcontext()


class FileStorage:
    """A file that only its owner may read, shared by the processes of one machine. It opens the account: keep it as a password."""

    def __init__(self, path: Union[str, "os.PathLike[str]"], warn: Callable[[str], None] = warnings.warn) -> None:
        """``warn`` is called when others had access to the file."""
        self._path = os.fspath(path)
        self._warn = warn

    def read(self) -> Optional[Tokens]:
        try:
            self._close_to_others()
            with open(self._path, "rb") as file:
                return _tokens_of(file.read())
        except FileNotFoundError:
            return None

    def write(self, tokens: Optional[Tokens]) -> None:
        if tokens is None:
            with contextlib.suppress(FileNotFoundError):
                os.remove(self._path)
            return
        draft = f"{self._path}.{secrets.token_hex(8)}"
        try:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                json.dump(tokens, file)
            os.replace(draft, self._path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.remove(draft)
            raise

    def _close_to_others(self) -> None:
        """A file that was copied or restored may be open to others: closed again, which is told. Windows has no such modes."""
        found = os.stat(self._path)
        mode = found.st_mode & 0o777
        # A folder named by mistake stays as it is.
        if not stat.S_ISREG(found.st_mode) or os.name != "posix":
            return
        # What root owns is nobody else's.
        if found.st_uid not in (0, os.geteuid()):
            raise PermissionError(
                f"{self._path} belongs to another user (uid {found.st_uid}), who could have put the tokens of another account there. "
                "Remove it, or name another file."
            )
        if mode & 0o077 == 0:
            return
        try:
            os.chmod(self._path, 0o600)
            outcome = "Its mode is 600 now"
        except OSError:
            outcome = "Set its mode to 600"
        self._warn(f"{self._path} holds a login, and its mode {mode:o} gave others access. {outcome}; log out if somebody may have read it.")

    @contextlib.contextmanager
    def exclusively(self, wait: float) -> Iterator[None]:
        end = time.monotonic() + wait
        # The system frees the lock of a process that is gone.
        with open(os.open(f"{self._path}.lock", os.O_WRONLY | os.O_CREAT, 0o600), "wb") as lock:
            while fcntl is not None:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= end:
                        raise tokens_busy() from None
                    time.sleep(LOCK_PAUSE)
            yield


class SellerClient:
    """Logs in once for all threads that ask, renews tokens before they expire, and logs in again when the login has ended."""

    def __init__(
        self,
        base_url: str,
        email: Optional[str] = None,
        password: Optional[str] = None,
        *,
        refresh_token: Optional[str] = None,
        storage: Any = None,
        warn: Callable[[str], None] = warnings.warn,
        deadline: float = 15.0,
        attempt_timeout: float = 6.0,
        first_pause: float = 0.2,
    ) -> None:
        self._http = Http(base_url, deadline, attempt_timeout, first_pause)
        self._email = email
        self._password = password
        self._has_password = is_given(email) and is_given(password)
        self._first_refresh_token = refresh_token if is_given(refresh_token) else None
        if not self._has_password and self._first_refresh_token is None:
            raise ValueError("email and password, or refresh_token, must be given")
        self._storage = MemoryStorage() if storage is None else storage
        self._warn = warn
        self._tokens: Optional[Tokens] = None
        # By the clock that can be set, and by the one that cannot.
        self._renew_at, self._renew_at_monotonic = 0.0, 0.0
        self._stop: Optional[LobbykeyError] = None
        self._stop_until = 0.0
        self._is_advised = False
        unshare_when_forked(self)

    def unshare(self) -> None:
        self._renewal = threading.Lock()

    def __repr__(self) -> str:
        return f"SellerClient({self._http.base_url!r}, {self._email!r})"

    def fetch(
        self, path: str, method: str = "GET", headers: Optional[Mapping[str, str]] = None, body: Optional[bytes] = None
    ) -> Response:
        """Sends a request with the access token; the path is below base_url. What only reads is sent again while the gateway is away."""
        if not path.startswith("/") or path.startswith("//"):
            raise ValueError("a path begins with one slash: the access token goes to base_url only")
        end = self._http.end()
        tokens = self._current() or self._renew(None, end)
        response = self._send_patiently(path, method, headers or {}, body, tokens, end)
        code = response.json().get("code") if response.status == 401 else None
        if code not in ("10008", "10009", "10010"):
            return response
        renewed = self._renew(tokens, end, is_refreshable=code == "10009")
        return self._send_patiently(path, method, headers or {}, body, renewed, end)

    def me(self) -> Dict[str, Any]:
        """sellerId, email, expiresAt"""
        response = self.fetch(f"{FACTS['sellerPath']}/me")
        if response.json().get("code") != "0000":
            raise error_of("sellerCodes", response)
        return data_of(response, IDENTITY_TYPES)

    def access_token(self) -> str:
        """A valid access token, for requests that you send yourself."""
        return (self._current() or self._renew(None, self._http.end()))["accessToken"]

    def logout(self) -> None:
        """Ends the login, for every process that shares it."""
        tokens = self._tokens or self._storage.read()
        if tokens is None:
            return
        try:
            self._call("logout", {"Authorization": f"Bearer {tokens['accessToken']}"}, None, self._http.end())
        except LobbykeyError as error:
            if error.status != 401:
                raise
        self._storage.write(None)
        self._tokens = None

    def _current(self) -> Optional[Tokens]:
        """None where they are to be renewed first. A clock that was set back makes no old token new."""
        tokens = self._tokens
        is_good = tokens is not None and time.time() * 1000 < self._renew_at and time.monotonic() < self._renew_at_monotonic
        return tokens if is_good else None

    def _renew(self, refused: Optional[Tokens], end: float, is_refreshable: bool = True) -> Tokens:
        """Better tokens than the ones refused, or than those whose time has come. One renewal serves all who wait."""
        if not self._renewal.acquire(timeout=time_left(end)):
            raise tokens_busy()
        try:
            current = self._current()
            if current is not None and current is not refused:
                return current
            known = self._tokens
            try:
                with self._storage.exclusively(time_left(end)):
                    return self._renew_once(refused or known, end, is_refreshable)
            except LobbykeyError as error:
                # Renewal came early: the token is still good, and the next call tries again.
                if refused is None and known is not None and time.time() * 1000 < known["expiresAt"] and error.may_repeat:
                    return known
                raise
        finally:
            self._renewal.release()

    def _renew_once(self, old: Optional[Tokens], end: float, is_refreshable: bool) -> Tokens:
        stored = self._storage.read()
        # Another process was faster.
        if stored is not None and stored["accessToken"] != (old or {}).get("accessToken") and _is_fresh(stored):
            return self._use(stored)
        refresh_token = self._first_refresh_token if stored is None else stored["refreshToken"]
        renewed = self._refresh(refresh_token, end) if refresh_token is not None and is_refreshable else None
        # Used before they are written: a full disk costs a call, not a login a call.
        tokens = self._use(renewed or self._login(end))
        self._storage.write(tokens)
        return tokens

    def _refresh(self, refresh_token: str, end: float) -> Optional[Tokens]:
        """None where the login behind the token is over."""
        try:
            return self._token_call("refresh", {"refreshToken": refresh_token}, end)
        except LobbykeyError as error:
            if error.code in ("10010", "10011"):
                self._first_refresh_token = None
                if self._has_password:
                    return None
            raise

    def _login(self, end: float) -> Tokens:
        if not self._has_password:
            raise LobbykeyError(
                "The login has ended, and there is no e-mail and password for a new one",
                key="refresh_token_invalid",
                what_to_do="Log in again, and give the client the new refresh token.",
            )
        if self._stop is not None and time.monotonic() < self._stop_until:
            # Each time that it is raised its trace would grow.
            raise self._stop.with_traceback(None)
        try:
            return self._token_call("login", {"email": self._email, "password": self._password}, end)
        except LobbykeyError as error:
            if error.code in ("10006", "10007"):
                self._stop = error
                self._stop_until = float("inf") if error.code == "10006" else time.monotonic() + (error.retry_after or 0)
            raise

    def _token_call(self, name: str, fields: Mapping[str, str], end: float) -> Tokens:
        issued_at = time.time_ns() // 1_000_000
        data = self._call(name, {"Content-Type": "application/json"}, json.dumps(fields).encode(), end, TOKEN_TYPES)
        return {
            "accessToken": data["accessToken"],
            "refreshToken": data["refreshToken"],
            "issuedAt": issued_at,
            "expiresAt": issued_at + data["expiresIn"] * 1000,
        }

    def _call(
        self, name: str, headers: Mapping[str, str], body: Optional[bytes], end: float, types: Mapping[str, str] = {}
    ) -> Dict[str, Any]:
        def work(attempt_end: float) -> Dict[str, Any]:
            response = self._http.send("POST", f"{FACTS['sellerPath']}/{name}", headers, body, attempt_end)
            answer = response.json()
            if answer.get("code") != "0000":
                raise error_of("sellerCodes", response, **({"may_repeat": False} if answer.get("code") == "10007" else {}))
            advice = response.headers.get("x-token-advice")
            if advice is not None and not self._is_advised:
                self._is_advised = True
                self._warn(f"The gateway advises: {escape_hidden(advice)}. Let the processes of this account share one storage.")
            return data_of(response, types)

        return self._http.repeat(end, work)

    def _send_patiently(
        self, path: str, method: str, headers: Mapping[str, str], body: Optional[bytes], tokens: Tokens, end: float
    ) -> Response:
        sent = {name: value for name, value in headers.items() if name.lower() != "authorization"}
        sent["Authorization"] = f"Bearer {tokens['accessToken']}"
        if method.upper() not in ("GET", "HEAD", "OPTIONS"):
            return self._http.send(method, path, sent, body, end, is_repeatable=False)
        last: Optional[Response] = None

        def work(attempt_end: float) -> Response:
            nonlocal last
            response = self._http.send(method, path, sent, body, attempt_end)
            if response.status not in (429, 502, 503, 504):
                return response
            last = response
            raise error_of("sellerCodes", response)

        try:
            return self._http.repeat(end, work)
        except LobbykeyError as error:
            if last is not None and error.status != 0:
                return last
            raise

    def _use(self, tokens: Tokens) -> Tokens:
        self._tokens = tokens
        self._renew_at = _renewal_time(tokens, random.uniform(RENEW_FROM, RENEW_TO))
        self._renew_at_monotonic = time.monotonic() + self._renew_at / 1000 - time.time()
        return tokens


def _tokens_of(text: bytes) -> Optional[Tokens]:
    """None for what is no pair of tokens, such as a file half written: whoever reads it logs in anew."""
    try:
        tokens = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(tokens, dict) or not all(is_number(tokens.get(name), (int, float)) for name in ("issuedAt", "expiresAt")):
        return None
    return tokens if is_access_token(tokens.get("accessToken")) and isinstance(tokens.get("refreshToken"), str) else None


def _is_fresh(tokens: Tokens) -> bool:
    """Whether there is no need to renew yet. Tokens of the future were got before the clock was set back: nobody knows when."""
    now = time.time() * 1000
    return tokens["issuedAt"] <= now < _renewal_time(tokens, RENEW_TO)


def _renewal_time(tokens: Tokens, share: float) -> float:
    return tokens["issuedAt"] + (tokens["expiresAt"] - tokens["issuedAt"]) * share


class AsyncSellerClient:
    """The same for asyncio: each call runs in a thread."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._client = SellerClient(*args, **options)
        self._threads = Threads(self._client._http)

    def __repr__(self) -> str:
        return f"Async{self._client!r}"

    async def fetch(self, path: str, **request: Any) -> Response:
        return await self._threads.run(self._client.fetch, path, **request)

    async def me(self) -> Dict[str, Any]:
        return await self._threads.run(self._client.me)

    async def access_token(self) -> str:
        return await self._threads.run(self._client.access_token)

    async def logout(self) -> None:
        await self._threads.run(self._client.logout)
