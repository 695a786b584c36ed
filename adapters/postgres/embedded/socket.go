package embedded

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// socketPort names the socket file; no TCP port is opened.
const socketPort = "5432"

// maxSocketPath is what every Unix allows with room to spare: Linux takes 107
// bytes, macOS 103, and PostgreSQL adds ".lock" to the name for its lock file.
const maxSocketPath = 98

// socketDir chooses and creates the directory of the unix socket: beside the
// cluster, or, where that path is too long for a socket, a short one in
// the temporary directory. Nobody but its owner may enter it; that is what
// lets the server trust every connection that arrives.
func socketDir(home string, id identity) (string, error) {
	dir := filepath.Join(home, "socket")
	inHome := socketFits(dir)
	if !inHome {
		sum := sha256.Sum256([]byte(home))
		name := "praxis-pg-" + strconv.Itoa(os.Geteuid()) + "-" + hex.EncodeToString(sum[:6])
		if dir = filepath.Join(os.TempDir(), name); !socketFits(dir) {
			dir = filepath.Join("/tmp", name)
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !os.IsExist(err) {
		return "", fmt.Errorf("create the socket directory: %w", err)
	}
	// The name is predictable, so in a shared temporary directory someone else
	// may have made it first; a link or a foreign directory is refused. Beside the
	// cluster it may still belong to the account that the cluster had before.
	info, err := os.Lstat(dir)
	if err != nil {
		return "", fmt.Errorf("inspect the socket directory: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	isForeign := !ok || int(stat.Uid) != os.Geteuid() && int(stat.Uid) != id.uid
	if !info.IsDir() || isForeign && (!inHome || os.Geteuid() != 0) {
		return "", fmt.Errorf("the socket directory %s belongs to someone else; remove it or choose a shorter data directory", dir)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return "", fmt.Errorf("close the socket directory to others: %w", err)
	}
	if err := id.own(dir); err != nil {
		return "", err
	}
	return dir, nil
}

func socketFits(dir string) bool {
	return len(filepath.Join(dir, ".s.PGSQL."+socketPort)) <= maxSocketPath
}
