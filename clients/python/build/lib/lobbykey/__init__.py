"""Lobbykey's clients for Python 3.9 and later: merchants and sellers. Standard library only. See README.md."""

from ._http import LobbykeyError, Response
from .merchant import AsyncMerchantClient, MerchantClient
from .seller import AsyncSellerClient, FileStorage, MemoryStorage, SellerClient

__all__ = [
    "AsyncMerchantClient",
    "AsyncSellerClient",
    "FileStorage",
    "LobbykeyError",
    "MemoryStorage",
    "MerchantClient",
    "Response",
    "SellerClient",
]
