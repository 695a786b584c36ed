package nodetest_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

//go:embed nodejs
var nodejs embed.FS

// The scenario itself, with all that is expected, is nodejs/scenario.mjs.
func TestTheOfficialNodeJSClientCanDoEverything(t *testing.T) {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the official Node.js client was not run: %v", err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	dir := installNodeJSClient(ctx, t)
	script := filepath.Join(dir, "scenario-"+filepath.Base(t.TempDir())+fmt.Sprint(os.Getpid())+".mjs")
	content, err := nodejs.ReadFile("nodejs/scenario.mjs")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(script, content, 0o600))
	t.Cleanup(func() { require.NoError(t, os.Remove(script)) })

	address := freeAddress(t)
	process := start(t, ProcessConfig{Dir: t.TempDir(), Socket: socketPath(t), Listen: address, Verify: true})
	scenario := exec.CommandContext(ctx, "node", script, "esdb://"+address+"?tls=false")
	scenario.Dir = dir
	var errors bytes.Buffer
	scenario.Stderr = &errors
	input, err := scenario.StdinPipe()
	require.NoError(t, err)
	output, err := scenario.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, scenario.Start())
	last := ""
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if last = lines.Text(); last == "restart" {
			require.NoError(t, process.Restart())
			_, err := fmt.Fprintln(input, "restarted")
			require.NoError(t, err)
		}
	}
	require.NoError(t, scenario.Wait(), errors.String())
	require.Equal(t, "done", last, errors.String())
}

// installNodeJSClient returns a directory with the client of the lock file. It
// is kept in the user's cache, because installing needs the network.
func installNodeJSClient(ctx context.Context, t testing.TB) string {
	t.Helper()
	lock, err := nodejs.ReadFile("nodejs/package-lock.json")
	require.NoError(t, err)
	sum := sha256.Sum256(lock)
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	installed := filepath.Join(cache, "praxis-nodetest", hex.EncodeToString(sum[:8]))
	if _, err := os.Stat(installed); err == nil {
		return installed
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(installed), 0o700))
	fresh, err := os.MkdirTemp(filepath.Dir(installed), "installing-")
	require.NoError(t, err)
	for _, name := range []string{"package.json", "package-lock.json"} {
		content, err := nodejs.ReadFile("nodejs/" + name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(fresh, name), content, 0o600))
	}
	install := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = fresh
	said, err := install.CombinedOutput()
	require.NoError(t, err, string(said))
	// Another test may have been faster; what it installed is as good.
	if err := os.Rename(fresh, installed); err != nil {
		require.DirExists(t, installed)
		require.NoError(t, os.RemoveAll(fresh))
	}
	return installed
}

// freeAddress is a TCP address that a node can have, also after a restart.
func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	return listener.Addr().String()
}
