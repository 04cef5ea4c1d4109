module github.com/lobbykey/lobbykey/clients/go

go 1.19
