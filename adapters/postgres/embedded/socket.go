package embedded

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// socketPort names the socket file; no TCP port is opened.
const socketPort = "5432"

// maxSocketPath is what every Unix allows with room to spare: Linux takes 107
// bytes, macOS 103, and PostgreSQL adds ".lock" to the name for its lock file.
const maxSocketPath = 98

// socketDir makes the directory of the unix socket: in the data directory, or,
// where that path is too long for a socket, a short one in the temporary
// directory. Nobody but its owner may enter it; that is what lets the server
// trust every connection that arrives.
func socketDir(dataDir string, as account) (string, error) {
	sum := sha256.Sum256([]byte(dataDir))
	name := "praxis-pg-" + strconv.Itoa(os.Geteuid()) + "-" + hex.EncodeToString(sum[:6])
	dir := filepath.Join(dataDir, "socket")
	for _, shorter := range []string{os.TempDir(), "/tmp"} {
		if len(filepath.Join(dir, ".s.PGSQL."+socketPort)) > maxSocketPath {
			dir = filepath.Join(shorter, name)
		}
	}
	// It is made anew: the name is predictable, so in a shared temporary directory
	// someone else may have made it first, or a link of that name.
	if err := os.RemoveAll(dir); err != nil {
		return "", fmt.Errorf("the socket directory %s belongs to someone else; remove it or choose a shorter data directory: %w", dir, err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("create the socket directory: %w", err)
	}
	return dir, as.own(dir)
}
