"""The seller API: requests that always carry a good access token."""

import asyncio
import contextlib
import json
import os
import random
import secrets
import threading
import time
import warnings
from typing import Any, Callable, ContextManager, Dict, Iterator, Mapping, Optional, Union

from ._contract import FACTS
from ._http import Http, LobbykeyError, Response, error_of

try:
    import fcntl
except ImportError:  # Windows: processes that start together log in once each.
    fcntl = None  # type: ignore[assignment]

Tokens = Dict[str, Any]
# Share of an access token's life after which it is renewed: between these two, by chance, so that processes do not do it at once.
RENEW_FROM, RENEW_TO = 0.75, 0.9


class MemoryStorage:
    """Of this client alone. A storage of your own has the same three methods."""

    def __init__(self) -> None:
        self._tokens: Optional[Tokens] = None

    def read(self) -> Optional[Tokens]:
        return self._tokens

    def write(self, tokens: Optional[Tokens]) -> None:
        self._tokens = tokens

    def exclusively(self) -> ContextManager[None]:
        """Entered while tokens are renewed: nobody else of the same storage is in it then."""
        return contextlib.nullcontext()


class FileStorage:
    """A file that only its owner may read, shared by the processes of one machine. It opens the account: keep it as a password."""

    def __init__(self, path: Union[str, "os.PathLike[str]"]) -> None:
        self._path = os.fspath(path)

    def read(self) -> Optional[Tokens]:
        try:
            with open(self._path, encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return None

    def write(self, tokens: Optional[Tokens]) -> None:
        if tokens is None:
            with contextlib.suppress(FileNotFoundError):
                os.remove(self._path)
            return
        draft = f"{self._path}.{secrets.token_hex(8)}"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(tokens, file)
        os.replace(draft, self._path)

    @contextlib.contextmanager
    def exclusively(self) -> Iterator[None]:
        with open(f"{self._path}.lock", "w", encoding="utf-8") as lock:
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class SellerClient:
    """Logs in once for all threads that ask, renews ahead of expiry, and begins anew when the login has ended."""

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
        self._first_refresh_token = refresh_token
        self._storage = MemoryStorage() if storage is None else storage
        self._warn = warn
        self._tokens: Optional[Tokens] = None
        self._renew_at = 0.0
        self._renewal = threading.Lock()
        self._stop: Optional[LobbykeyError] = None
        self._stop_until = 0.0
        self._is_advised = False

    def __repr__(self) -> str:
        return f"SellerClient({self._http.base_url!r}, {self._email!r})"

    def fetch(
        self, path: str, method: str = "GET", headers: Optional[Mapping[str, str]] = None, body: Optional[bytes] = None
    ) -> Response:
        """Sends a request with the access token; the path is below base_url. What only reads is sent again while the gateway is away."""
        if not path.startswith("/") or path.startswith("//"):
            raise ValueError("a path begins with one slash: the access token goes to base_url only")
        tokens = self._current() or self._renew(None)
        response = self._send_patiently(path, method, headers or {}, body, tokens)
        code = response.json().get("code") if response.status == 401 else None
        if code not in ("10008", "10009", "10010"):
            return response
        renewed = self._renew(tokens, is_refreshable=code == "10009")
        return self._send_patiently(path, method, headers or {}, body, renewed)

    def me(self) -> Dict[str, Any]:
        """sellerId, email, expiresAt"""
        response = self.fetch(f"{FACTS['sellerPath']}/me")
        if response.json().get("code") != "0000":
            raise error_of("sellerCodes", response)
        return response.json()["data"]

    def access_token(self) -> str:
        """A good access token, for what sends by itself."""
        return (self._current() or self._renew(None))["accessToken"]

    def logout(self) -> None:
        """Ends the login, for every process that shares it."""
        tokens = self._tokens or self._storage.read()
        if tokens is None:
            return
        try:
            self._call("logout", {"Authorization": f"Bearer {tokens['accessToken']}"}, None)
        except LobbykeyError as error:
            if error.status != 401:
                raise
        self._storage.write(None)
        self._tokens = None

    def _current(self) -> Optional[Tokens]:
        """None where they are to be renewed first."""
        tokens = self._tokens
        return tokens if tokens is not None and time.time() * 1000 < self._renew_at else None

    def _renew(self, refused: Optional[Tokens], is_refreshable: bool = True) -> Tokens:
        """Better tokens than the ones refused, or than those whose time has come. One renewal serves all who wait."""
        with self._renewal:
            current = self._current()
            if current is not None and current is not refused:
                return current
            known = self._tokens
            try:
                with self._storage.exclusively():
                    return self._renew_once(refused or known, is_refreshable)
            except LobbykeyError as error:
                # Renewal came early: the token is still good, and the next call tries again.
                if refused is None and known is not None and time.time() * 1000 < known["expiresAt"] and error.may_repeat:
                    return known
                raise

    def _renew_once(self, old: Optional[Tokens], is_refreshable: bool) -> Tokens:
        stored = self._storage.read()
        old_token = None if old is None else old["accessToken"]
        # Another process was faster.
        if stored is not None and stored["accessToken"] != old_token and time.time() * 1000 < _renewal_time(stored, RENEW_TO):
            return self._use(stored)
        refresh_token = self._first_refresh_token if stored is None else stored["refreshToken"]
        renewed = self._refresh(refresh_token) if refresh_token is not None and is_refreshable else None
        tokens = renewed or self._login()
        self._storage.write(tokens)
        return self._use(tokens)

    def _refresh(self, refresh_token: str) -> Optional[Tokens]:
        """None where the login behind the token is over."""
        try:
            return self._token_call("refresh", {"refreshToken": refresh_token})
        except LobbykeyError as error:
            if error.code in ("10010", "10011"):
                self._first_refresh_token = None
                if self._password is not None:
                    return None
            raise

    def _login(self) -> Tokens:
        if self._email is None or self._password is None:
            raise LobbykeyError(
                "The login is over, and there is no e-mail and password to log in with",
                key="refresh_token_invalid",
                what_to_do="Log in anew, and give the client its refresh token.",
            )
        if self._stop is not None and time.time() < self._stop_until:
            raise self._stop
        try:
            return self._token_call("login", {"email": self._email, "password": self._password})
        except LobbykeyError as error:
            if error.code in ("10006", "10007"):
                self._stop = error
                self._stop_until = float("inf") if error.code == "10006" else time.time() + (error.retry_after or 0)
            raise

    def _token_call(self, name: str, fields: Mapping[str, str]) -> Tokens:
        issued_at = time.time_ns() // 1_000_000
        data = self._call(name, {"Content-Type": "application/json"}, json.dumps(fields).encode())
        return {
            "accessToken": data["accessToken"],
            "refreshToken": data["refreshToken"],
            "issuedAt": issued_at,
            "expiresAt": issued_at + data["expiresIn"] * 1000,
        }

    def _call(self, name: str, headers: Mapping[str, str], body: Optional[bytes]) -> Dict[str, Any]:
        def work(timeout: float) -> Dict[str, Any]:
            response = self._http.send("POST", f"{FACTS['sellerPath']}/{name}", headers, body, timeout)
            answer = response.json()
            if answer.get("code") != "0000":
                raise error_of("sellerCodes", response, **({"may_repeat": False} if answer.get("code") == "10007" else {}))
            advice = response.headers.get("x-token-advice")
            if advice is not None and not self._is_advised:
                self._is_advised = True
                self._warn(f"The gateway advises: {advice}. Let the processes of this account share one storage.")
            return answer["data"]

        return self._http.repeat(work)

    def _send_patiently(self, path: str, method: str, headers: Mapping[str, str], body: Optional[bytes], tokens: Tokens) -> Response:
        sent = {**headers, "Authorization": f"Bearer {tokens['accessToken']}"}
        if method.upper() not in ("GET", "HEAD", "OPTIONS"):
            return self._http.send(method, path, sent, body, self._http.deadline, is_repeatable=False)
        last: Optional[Response] = None

        def work(timeout: float) -> Response:
            nonlocal last
            response = self._http.send(method, path, sent, body, timeout)
            if response.status not in (429, 502, 503, 504):
                return response
            last = response
            raise error_of("sellerCodes", response)

        try:
            return self._http.repeat(work)
        except LobbykeyError as error:
            if last is not None and error.status != 0:
                return last
            raise

    def _use(self, tokens: Tokens) -> Tokens:
        self._tokens = tokens
        self._renew_at = _renewal_time(tokens, random.uniform(RENEW_FROM, RENEW_TO))
        return tokens


def _renewal_time(tokens: Tokens, share: float) -> float:
    return tokens["issuedAt"] + (tokens["expiresAt"] - tokens["issuedAt"]) * share


class AsyncSellerClient:
    """The same for asyncio: each call runs in a thread of the loop's executor."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._client = SellerClient(*args, **options)

    def __repr__(self) -> str:
        return f"Async{self._client!r}"

    async def fetch(self, path: str, **request: Any) -> Response:
        return await asyncio.to_thread(self._client.fetch, path, **request)

    async def me(self) -> Dict[str, Any]:
        return await asyncio.to_thread(self._client.me)

    async def access_token(self) -> str:
        return await asyncio.to_thread(self._client.access_token)

    async def logout(self) -> None:
        await asyncio.to_thread(self._client.logout)
