package lobbykey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"runtime"
	"time"
)

const lockPause = 50 * time.Millisecond

// FileStorage keeps tokens in a file that only its owner may read, shared by the processes of one machine.
type FileStorage struct {
	path string
	// Warn is called when others had access to the file; default log.Print.
	Warn func(text string)
}

// NewFileStorage names the file; its folder has to be there.
func NewFileStorage(path string) *FileStorage {
	return &FileStorage{path: path, Warn: func(text string) { log.Print(text) }}
}

// Read gives nil for what is no pair of tokens, such as a file half written: whoever reads it logs in anew.
func (s *FileStorage) Read(context.Context) (*Tokens, error) {
	if err := s.closeToOthers(); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(s.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	tokens := &Tokens{}
	if json.Unmarshal(text, tokens) != nil || !accessTokenPattern.MatchString(tokens.AccessToken) || tokens.RefreshToken == "" {
		return nil, nil
	}
	return tokens, nil
}

// closeToOthers: a file that was copied or restored may be open to others. It is closed again, which is told. Windows has no such modes.
func (s *FileStorage) closeToOthers() error {
	info, err := os.Stat(s.path)
	// A folder named by mistake stays as it is.
	if err != nil || !info.Mode().IsRegular() || runtime.GOOS == "windows" {
		return nil
	}
	// What root owns is nobody else's.
	if owner := ownerOf(info); owner != 0 && owner != os.Geteuid() {
		return fmt.Errorf("%s belongs to another user (uid %d), who could have put the tokens of another account there; remove it, or name another file", s.path, owner)
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	outcome := "Its mode is 600 now"
	if os.Chmod(s.path, 0o600) != nil {
		outcome = "Set its mode to 600"
	}
	s.Warn(fmt.Sprintf("%s holds a login, and its mode %o gave others access. %s; log out if somebody may have read it.", s.path, info.Mode().Perm(), outcome))
	return nil
}

// Write replaces the file as a whole.
func (s *FileStorage) Write(_ context.Context, tokens *Tokens) error {
	if tokens == nil {
		if err := os.Remove(s.path); !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return nil
	}
	draft := s.path + "." + newToken()
	err := os.WriteFile(draft, marshal(tokens), 0o600)
	if err == nil {
		err = os.Rename(draft, s.path)
	}
	if err != nil {
		_ = os.Remove(draft)
	}
	return err
}

// Exclusively holds the lock of a file beside. The system frees the lock of a process that is gone.
func (s *FileStorage) Exclusively(ctx context.Context, work func() error) error {
	lock, err := os.OpenFile(s.path+".lock", os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close()
	for {
		isLocked, err := tryLock(lock)
		if err != nil {
			return err
		}
		if isLocked {
			return work()
		}
		select {
		case <-ctx.Done():
			return tokensBusy()
		case <-time.After(lockPause):
		}
	}
}

type memoryStorage struct{ tokens *Tokens }

func (s *memoryStorage) Read(context.Context) (*Tokens, error) { return s.tokens, nil }

func (s *memoryStorage) Write(_ context.Context, tokens *Tokens) error {
	s.tokens = tokens
	return nil
}

func (s *memoryStorage) Exclusively(_ context.Context, work func() error) error { return work() }
