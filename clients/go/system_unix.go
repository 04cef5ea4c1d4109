//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package lobbykey

import (
	"errors"
	"os"
	"syscall"
)

func tryLock(file *os.File) (bool, error) {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		return false, nil
	}
	return err == nil, err
}

func ownerOf(info os.FileInfo) int {
	if found, isUnix := info.Sys().(*syscall.Stat_t); isUnix {
		return int(found.Uid)
	}
	return os.Geteuid()
}
