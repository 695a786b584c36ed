package e2e_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// copyLog keeps or puts back the log of a stopped installation.
func copyLog(t *testing.T, from, to string) {
	t.Helper()
	require.NoError(t, os.RemoveAll(to))
	out, err := exec.CommandContext(t.Context(), "cp", "-a", from, to).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// The log of a stopped installation is replaced by an older copy of it: the server says
// so, is not ready, and changes nothing. With the right log it is well again.
func TestFoundW1_AServerSaysThatItsLogWasSetBack(t *testing.T) {
	i := newInstallation(t)
	events, backup, latest := filepath.Join(i.dir, "events"), filepath.Join(i.dir, "backup"), filepath.Join(i.dir, "latest")
	p := i.serve(t)
	practice := i.found(t)
	i.stop(t, p)
	copyLog(t, events, backup)
	p = i.serve(t)
	owner := practice.people["olivia"]
	chart := owner.command(t, http.MethodPost, practice.path("/charts"), "chart", practice.newChart("Cole", "carla"))
	owner.get(t, practice.path("/charts"), chart.Position, &object{})
	i.stop(t, p)

	copyLog(t, events, latest)
	copyLog(t, backup, events)
	p = i.start(t, "serve")
	await(t, func() bool { return strings.Contains(p.stderr.String(), `"msg":"serving"`) }, "the server does not start")
	r := i.awaitReadiness(t, func(r readiness) bool { return len(r.Unavailable) == 1 && r.Parts["log_identity"] != "" })
	require.Equal(t, http.StatusServiceUnavailable, r.status)
	require.Contains(t, r.Parts["log_identity"], "log_set_back: The event log ends before what was read from it: it was set back to an older copy. Concerned: read models ")
	for range 2 {
		var refused *refusalError
		require.ErrorAs(t, owner.send(t.Context(), http.MethodPost, practice.path("/charts"), nil, practice.newChart("Doe", "carla"), nil), &refused)
		require.Equal(t, "log_set_back", refused.Code)
	}
	i.stop(t, p)

	copyLog(t, latest, events)
	p = i.serve(t)
	owner.get(t, practice.path("/charts/%s", chart.ID), "", &object{})
	i.stop(t, p)
}
