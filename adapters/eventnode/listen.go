package eventnode

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"
)

// maxSocketPath is a length every supported system accepts for a unix socket.
const maxSocketPath = 100

// listenSocket opens the unix socket. A private directory, if it needed one, is to be
// removed afterwards.
func listenSocket(ctx context.Context, config Config) (listener net.Listener, private string, err error) {
	path, private, err := socketPath(config)
	if err != nil {
		return nil, "", err
	}
	if err = removeStaleSocket(ctx, path); err == nil {
		listener, err = (&net.ListenConfig{}).Listen(ctx, "unix", path)
	}
	if err != nil {
		return nil, "", errors.Join(fmt.Errorf("listen on unix socket: %w", err), os.RemoveAll(private))
	}
	return listener, private, nil
}

// socketPath chooses the socket's path and makes sure that its directory is
// closed to other users: every user who can open the socket can write events.
func socketPath(config Config) (path, private string, err error) {
	path, err = filepath.Abs(cmp.Or(config.Socket, filepath.Join(config.Dir, "run", "node.sock")))
	if err != nil {
		return "", "", fmt.Errorf("socket path: %w", err)
	}
	if len(path) > maxSocketPath {
		if config.Socket != "" {
			return "", "", misconfigured(fmt.Sprintf("the socket path has %d bytes, more than the %d a unix socket can have", len(path), maxSocketPath))
		}
		private, err = os.MkdirTemp("", "eventnode-")
		if err != nil {
			return "", "", fmt.Errorf("create socket directory: %w", err)
		}
		return filepath.Join(private, "node.sock"), private, nil
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", "", fmt.Errorf("create socket directory: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return "", "", fmt.Errorf("socket directory: %w", err)
	}
	if open := info.Mode().Perm() & 0o077; open != 0 {
		return "", "", misconfigured(fmt.Sprintf("the socket directory is open to other users (mode %o); set it to 0700", info.Mode().Perm()))
	}
	return path, "", nil
}

// removeStaleSocket removes a socket that no process listens on any more, and
// nothing else.
func removeStaleSocket(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("socket path: %w", err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return misconfigured("the socket path holds a file that is no socket; choose another path")
	}
	connection, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "unix", path)
	if err == nil {
		return errors.Join(errors.New("event node: another process listens on the socket"), connection.Close())
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove stale socket: %w", err)
	}
	return nil
}
