package nodetest_test

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

//go:embed python
var python embed.FS

// The scenario itself, with all that is expected, is python/scenario.py.
func TestFoundN1_ThePythonClientsWorkWithTheirDefaults(t *testing.T) {
	if said, err := exec.CommandContext(t.Context(), "python3", "-c", "import venv, ensurepip").CombinedOutput(); err != nil {
		t.Skipf("the Python clients were not run: python3 with venv is needed: %v %s", err, said)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	interpreter := installPythonClients(ctx, t)
	script := filepath.Join(t.TempDir(), "scenario.py")
	content, err := python.ReadFile("python/scenario.py")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(script, content, 0o600))
	for _, client := range []string{"esdbclient", "kurrentdbclient"} {
		t.Run(client, func(t *testing.T) {
			address := freeAddress(t)
			start(t, ProcessConfig{Dir: t.TempDir(), Socket: socketPath(t), Listen: address})
			said, err := exec.CommandContext(ctx, interpreter, script, client, address).CombinedOutput()
			require.NoError(t, err, string(said))
		})
	}
}

// installPythonClients returns the interpreter of an environment with the clients
// of requirements.txt. It is kept in the user's cache, because installing needs
// the network.
func installPythonClients(ctx context.Context, t testing.TB) string {
	t.Helper()
	requirements, err := python.ReadFile("python/requirements.txt")
	require.NoError(t, err)
	sum := sha256.Sum256(requirements)
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	installed := filepath.Join(cache, "praxis-nodetest", "python-"+hex.EncodeToString(sum[:8]))
	interpreter := filepath.Join(installed, "bin", "python3")
	// The system's interpreter may have been replaced since.
	if exec.CommandContext(ctx, interpreter, "-c", "import esdbclient").Run() == nil {
		return interpreter
	}
	require.NoError(t, os.RemoveAll(installed))
	require.NoError(t, os.MkdirAll(filepath.Dir(installed), 0o700))
	fresh, err := os.MkdirTemp(filepath.Dir(installed), "installing-")
	require.NoError(t, err)
	list := filepath.Join(fresh, "requirements.txt")
	require.NoError(t, os.WriteFile(list, requirements, 0o600))
	for _, command := range [][]string{
		{"python3", "-m", "venv", fresh},
		{filepath.Join(fresh, "bin", "python3"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "-r", list},
	} {
		said, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput()
		require.NoError(t, err, string(said))
	}
	// Another test may have been faster; what it installed is as good.
	if err := os.Rename(fresh, installed); err != nil {
		require.DirExists(t, installed)
		require.NoError(t, os.RemoveAll(fresh))
	}
	return interpreter
}
