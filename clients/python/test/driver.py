"""Python's driver of clients/conformance: a case a line in, an answer a line out. With --async, of the clients for asyncio."""

import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor

from lobbykey import AsyncMerchantClient, AsyncSellerClient, FileStorage, LobbykeyError, MerchantClient, Response, SellerClient

NAMES = {
    "baseUrl": "base_url",
    "agentId": "agent_id",
    "refreshToken": "refresh_token",
    "deadlineMs": "deadline",
    "attemptMs": "attempt_timeout",
    "firstPauseMs": "first_pause",
}
METHODS = {"game_list": "games", "limit_list": "limits"}
IS_ASYNC = "--async" in sys.argv


def outcome(work, client):
    try:
        answer = work() or {}
        return {"ok": [str(answer.status)] if isinstance(answer, Response) else list(answer)}
    except LobbykeyError as error:
        return {
            "error": {
                "code": error.code,
                "key": error.key,
                "mayRepeat": error.may_repeat,
                "requestId": error.request_id,
                "message": str(error),
                "dump": repr(client),
            }
        }
    except (OSError, ValueError) as other:
        return {"thrown": str(other)}


def run(work):
    warnings, debug = [], []
    options = {NAMES.get(name, name): value / 1000 if name.endswith("Ms") else value for name, value in work["options"].items()}
    options["warn"] = warnings.append
    if "storage" in options:
        options["storage"] = FileStorage(options["storage"], warn=warnings.append)
    try:
        if work["client"] == "merchant":
            options["debug"] = debug.append
            client = (AsyncMerchantClient if IS_ASYNC else MerchantClient)(**options)
        else:
            client = (AsyncSellerClient if IS_ASYNC else SellerClient)(**options)
    except ValueError as refusal:
        return {"refused": str(refusal)}

    def once(call):
        method = getattr(client, METHODS.get(call["do"], call["do"]))
        fields = {name: value.encode() if name == "body" else value for name, value in call.get("fields", {}).items()}
        return outcome(lambda: asyncio.run(method(**fields)) if IS_ASYNC else method(**fields), client)

    results = []
    for call in work["calls"]:
        times = call.get("times", 1)
        with ThreadPoolExecutor(times) as pool:
            results += list(pool.map(once, [call] * times))
    return {"results": results, "warnings": warnings, "debug": "\n".join(debug)}


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
