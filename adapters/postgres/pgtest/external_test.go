package pgtest_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
)

// TestGivenServer runs this suite again on a server that is given by its URL,
// as in a continuous integration that has one.
func TestGivenServer(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^(TestNew|TestEmptyURL)$", "-test.v")
	cmd.Env = append(os.Environ(), pgtest.URLEnv+"="+pgtest.EmptyURL(t))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "--- PASS: TestNew")

	cmd = exec.CommandContext(t.Context(), self, "-test.run=^TestEmptyURL$")
	cmd.Env = append(os.Environ(), pgtest.URLEnv+"=host=localhost password=secret")
	out, err = cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "has to be a URL")
	require.NotContains(t, string(out), "secret")
}
