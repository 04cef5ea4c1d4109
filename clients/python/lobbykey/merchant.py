"""The member API. Fields have the names of the API's own documents; agent_id, timestamp and sign are added."""

import hashlib
import hmac
import json
import re
import secrets
import threading
import time
import warnings
from typing import Any, Callable, Dict, Mapping, Optional
from urllib.parse import quote, urlsplit

from ._contract import FACTS, VECTOR
from ._http import Http, LobbykeyError, Threads, data_of, error_of, is_given, unshare_when_forked


class MerchantClient:
    """May be used from many threads at once."""

    def __init__(
        self,
        base_url: str,
        agent_id: str,
        key: str,
        *,
        algorithm: str = "md5",
        callback: str = "unsigned",
        debug: Optional[Callable[[str], None]] = None,
        warn: Callable[[str], None] = warnings.warn,
        deadline: float = 15.0,
        attempt_timeout: float = 6.0,
        first_pause: float = 0.2,
    ) -> None:
        if algorithm not in FACTS["algorithms"]:
            raise ValueError(f"algorithm must be one of {', '.join(FACTS['algorithms'])}")
        if callback not in ("unsigned", "signed"):
            raise ValueError("callback must be 'unsigned' or 'signed'")
        for name, value in (("agent_id", agent_id), ("key", key)):
            if not is_given(value):
                raise ValueError(f"{name} must be a string that is not empty")
        self._http = Http(base_url, deadline, attempt_timeout, first_pause)
        self._agent_id = agent_id
        self._key = key
        self._algorithm = algorithm
        self._callback = callback
        self.debug = debug
        self._warn = warn
        self._clock_offset = 0
        self._is_clock_told = False
        self._is_proven = False
        self._is_callback_proven = False
        self._last_timestamp = 0
        self._last_text: Optional[str] = None
        unshare_when_forked(self)

    def unshare(self) -> None:
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"MerchantClient({self._http.base_url!r}, {self._agent_id!r})"

    def login(self, **fields: Any) -> Dict[str, Any]:
        """Logs a member in: url, token, requestId. Makes a session token unless one is given."""
        if not fields.get("token"):
            fields["token"] = secrets.token_urlsafe(21)
        return self._run("login", fields)

    def guest_login(self, **fields: Any) -> Dict[str, Any]:
        return self._run("guest_login", fields)

    def create(self, **fields: Any) -> Dict[str, Any]:
        return self._run("create", fields)

    def update(self, **fields: Any) -> Dict[str, Any]:
        return self._run("update", fields)

    def lock(self, **fields: Any) -> Dict[str, Any]:
        return self._run("lock", fields)

    def logout(self, **fields: Any) -> Dict[str, Any]:
        return self._run("logout", fields)

    def games(self, **fields: Any) -> Dict[str, Any]:
        return self._run("game_list", fields)

    def limits(self, **fields: Any) -> Dict[str, Any]:
        return self._run("limit_list", fields)

    def explain_text(self) -> Optional[str]:
        """The exact text that was hashed for the last call, with KEY for the key. It holds the session token: no log may."""
        return self._last_text

    def _run(self, call: str, given: Mapping[str, Any]) -> Dict[str, Any]:
        fields = self._fields_of(call, given)
        end = self._http.end()
        try:
            return self._send(call, self._signed(call, fields), end)
        except LobbykeyError as error:
            # Refused for its time alone, so nothing has taken effect: a new signature with the gateway's time is safe.
            if not self._set_clock(error):
                raise
        return self._send(call, self._signed(call, fields), end)

    def _fields_of(self, call: str, given: Mapping[str, Any]) -> Dict[str, Any]:
        """Without what is empty, every value as the text that is signed."""
        facts = FACTS["calls"][call]
        fields: Dict[str, Any] = {"agent_id": self._agent_id}
        for name, value in given.items():
            if name not in facts["fields"]:
                raise LobbykeyError(
                    f"{name} is no field of {call}; it takes {', '.join(facts['fields'])}",
                    key="invalid_parameter",
                    what_to_do="Correct the call; nothing was sent.",
                )
            if value is None or value == {} or (value == "" and name not in facts["clearable"]):
                continue
            fields[name] = dict(value) if isinstance(value, Mapping) else str(value)
        return fields

    def _signed(self, call: str, fields: Mapping[str, Any]) -> Dict[str, Any]:
        timed = {**fields, "timestamp": self._timestamp_for(fields)}
        canonical = self._canonical_of(call, timed)
        self._last_text = self._text_of(canonical, "KEY")
        return {**timed, "sign": self._digest_of(canonical, self._key)}

    def _timestamp_for(self, fields: Mapping[str, Any]) -> int:
        """Two calls alike in one millisecond would be one signed request; a session token tells logins apart."""
        now = time.time_ns() // 1_000_000 + self._clock_offset
        if "token" in fields:
            return now
        with self._lock:
            self._last_timestamp = max(now, self._last_timestamp + 1)
            return self._last_timestamp

    def _canonical_of(self, call: str, fields: Mapping[str, Any]) -> str:
        names = FACTS["calls"][call]["signed"][self._callback]
        return "&".join(f"{name}={fields[name]}" for name in names if fields.get(name) not in (None, ""))

    def _text_of(self, canonical: str, key: str) -> str:
        return canonical if FACTS["algorithms"][self._algorithm]["keyUse"] == "hmac" else f"{key}&{canonical}"

    def _digest_of(self, canonical: str, key: str) -> str:
        facts = FACTS["algorithms"][self._algorithm]
        if facts["keyUse"] == "hmac":
            return hmac.new(key.encode(), canonical.encode(), facts["hash"]).hexdigest()
        return hashlib.new(facts["hash"], f"{key}&{canonical}".encode()).hexdigest()

    def _send(self, call: str, fields: Mapping[str, Any], end: float) -> Dict[str, Any]:
        facts = FACTS["calls"][call]
        if self.debug is not None:
            self.debug(self._describe(call, fields))
        path, body, headers = facts["path"], None, {}
        if facts["method"] == "GET":
            path += "?" + "&".join(f"{name}={quote(str(value), safe='')}" for name, value in fields.items())
        else:
            body = json.dumps(fields, ensure_ascii=False).encode()
            headers = {"Content-Type": "application/json"}

        def work(attempt_end: float) -> Dict[str, Any]:
            response = self._http.send(facts["method"], path, headers, body, attempt_end)
            answer = response.json()
            if answer.get("code") == 200:
                self._is_proven = True
                self._is_callback_proven = self._is_callback_proven or (call == "login" and "callback" in fields)
                return {**data_of(response, facts["answers"]), "requestId": response.headers.get("x-request-id")}
            if answer.get("code") == 600100:
                raise error_of("memberCodes", response, what_to_do=self._why_refused(call, fields))
            raise error_of("memberCodes", response)

        return self._http.repeat(end, work)

    def _why_refused(self, call: str, fields: Mapping[str, Any]) -> str:
        """What code 600100 cannot tell: the likeliest reason, from what this side knows. Never holds the key."""
        algorithm, key = self._algorithm, self._key
        if self._digest_of(self._canonical_of("create", VECTOR["fields"]), VECTOR["key"]) != VECTOR["digests"][algorithm]:
            return f"This runtime computes a wrong {algorithm}: even the published example comes out wrong."
        if key != key.strip():
            return "The key begins or ends with white space: remove it. Often it is the line break at the end of a file."
        if re.match(r"^([\"']).*\1$", key):
            return "The key is in quotes: remove them."
        host = urlsplit(self._http.base_url).hostname or ""
        if key == VECTOR["key"] and not (host in ("localhost", "::1") or host.startswith("127.")):
            return "The key is the published example's, which only a sandbox has: use your own."
        is_callback_in_doubt = call == "login" and "callback" in fields and not self._is_callback_proven
        callback, other = self._callback, "signed" if self._callback == "unsigned" else "unsigned"
        change = f"your profile has callback '{other}' and this client '{callback}': create it with callback '{other}', or ask the operator."
        if self._is_proven and is_callback_in_doubt:
            return f"Key and algorithm worked before, so likely {change}"
        if self._is_proven:
            return "Such calls succeeded before: likely the operator has replaced the key or changed your profile."
        likely = (
            f"Likely the key is another environment's, or your profile has another algorithm than '{algorithm}': compare both with "
            "the operator. The text is signed as the published example is."
        )
        if is_callback_in_doubt:
            likely += f" If a login without callback succeeds, {change}"
        return likely

    def _set_clock(self, error: LobbykeyError) -> bool:
        """Whether the answer told the gateway's time."""
        told = re.search(FACTS["serverClock"], str(error)) if error.code == 408000 else None
        if told is None:
            return False
        self._clock_offset = int(told.group(1)) - time.time_ns() // 1_000_000
        self._last_timestamp = 0
        if not self._is_clock_told:
            self._is_clock_told = True
            seconds, way = round(abs(self._clock_offset) / 1000), "behind" if self._clock_offset > 0 else "ahead of"
            self._warn(f"This machine's clock is {seconds} s {way} the gateway's. The client corrects for it; set the clock all the same.")
        return True

    def _describe(self, call: str, fields: Mapping[str, Any]) -> str:
        facts = FACTS["calls"][call]
        shown = {**fields, **({"token": "TOKEN"} if "token" in fields else {})}
        hashed = self._text_of(self._canonical_of(call, shown), "KEY")
        shown["sign"] = f"{fields['sign'][:4]}…"
        return f"{facts['method']} {self._http.base_url}{facts['path']}\n{json.dumps(shown, ensure_ascii=False)}\n{self._algorithm} of {hashed}"


class AsyncMerchantClient:
    """The same for asyncio: each call runs in a thread."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._client = MerchantClient(*args, **options)
        self._threads = Threads(self._client._http)

    def __repr__(self) -> str:
        return f"Async{self._client!r}"

    async def login(self, **fields: Any) -> Dict[str, Any]:
        return await self._threads.run(self._client.login, **fields)

    async def guest_login(self, **fields: Any) -> Dict[str, Any]:
        return await self._threads.run(self._client.guest_login, **fields)

    async def create(self, **fields: Any) -> Dict[str, Any]:
        return await self._threads.run(self._client.create, **fields)

    async def update(self, **fields: Any) -> Dict[str, Any]:
        return await self._threads.run(self._client.update, **fields)

    async def lock(self, **fields: Any) -> Dict[str, Any]:
        return await self._threads.run(self._client.lock, **fields)

    async def logout(self, **fields: Any) -> Dict[str, Any]:
        return await self._threads.run(self._client.logout, **fields)

    async def games(self, **fields: Any) -> Dict[str, Any]:
        return await self._threads.run(self._client.games, **fields)

    async def limits(self, **fields: Any) -> Dict[str, Any]:
        return await self._threads.run(self._client.limits, **fields)

    def explain_text(self) -> Optional[str]:
        return self._client.explain_text()
