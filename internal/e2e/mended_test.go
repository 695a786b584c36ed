package e2e_test

import (
	"net/http"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// The log under a running server is replaced, by another and by an older copy of it: the
// server says so and does nothing. With the right log, or after praxis restore, it goes on
// by itself.
func TestFoundW1_AServerGoesOnByItselfAfterItsLogWasMended(t *testing.T) {
	i := newInstallation(t)
	address, events := freeAddress(t), filepath.Join(i.dir, "events")
	node, url := i.startNode(t, address)
	env := []string{"EVENTSTOREDB_URL=" + url}
	stopNode := func() {
		node.signal(syscall.SIGTERM)
		require.Zero(t, node.awaitExit(t))
	}
	exchange := func(from string) {
		stopNode()
		copyLog(t, from, events)
		node, _ = i.startNode(t, address)
	}
	keep := func(as string) string {
		to := filepath.Join(i.dir, as)
		stopNode()
		copyLog(t, events, to)
		node, _ = i.startNode(t, address)
		return to
	}
	statuses := func() map[string]projectionStatus {
		found := map[string]projectionStatus{}
		for _, s := range parse[[]projectionStatus](t, i.runWith(t, env, "projections", "status", "--json").stdout) {
			s.LagEvents = 0
			found[s.Build] = s
		}
		return found
	}
	empty := keep("empty")
	p := i.serve(t, env...)
	practice := i.found(t)
	owner := practice.people["olivia"]
	first := owner.command(t, http.MethodPost, practice.path("/charts"), "first", practice.newChart("Cole", "carla"))
	owner.get(t, practice.path("/charts"), first.Position, &object{})
	older := keep("older")
	i.awaitReady(t, p)
	second := owner.command(t, http.MethodPost, practice.path("/charts"), "second", practice.newChart("Doe", "carla"))
	owner.get(t, practice.path("/charts"), second.Position, &object{})
	latest := keep("latest")
	i.awaitReady(t, p)
	before := statuses()

	isRefused := func(code string) {
		t.Helper()
		r := i.awaitReadiness(t, func(r readiness) bool { return len(r.Unavailable) == 1 && r.Parts["log_identity"] != "" })
		require.Equal(t, http.StatusServiceUnavailable, r.status)
		require.Contains(t, r.Parts["log_identity"], code+": ")
		require.Contains(t, r.Parts["log_identity"], "`praxis restore`")
		var refused *refusalError
		require.ErrorAs(t, owner.send(t.Context(), http.MethodPost, practice.path("/charts"), nil, practice.newChart("Roe", "carla"), nil), &refused)
		require.Equal(t, code, refused.Code)
		require.Equal(t, before, statuses(), "nothing was applied")
	}
	exchange(empty)
	isRefused("log_differs")
	exchange(latest)
	i.awaitReady(t, p)
	third := owner.command(t, http.MethodPost, practice.path("/charts"), "third", practice.newChart("Roe", "carla"))
	for _, c := range []receipt{first, second, third} {
		owner.get(t, practice.path("/charts/%s", c.ID), third.Position, &object{})
	}

	before = statuses()
	exchange(older)
	isRefused("log_set_back")
	o := i.runWith(t, env, "restore", "--yes")
	require.Zero(t, o.code, o.stderr)
	i.awaitReady(t, p)
	fourth := owner.command(t, http.MethodPost, practice.path("/charts"), "fourth", practice.newChart("Poe", "carla"))
	for _, c := range []receipt{first, fourth} {
		owner.get(t, practice.path("/charts/%s", c.ID), fourth.Position, &object{})
	}
	for _, c := range []receipt{second, third} {
		var refused *refusalError
		require.ErrorAs(t, owner.send(t.Context(), http.MethodPost, practice.path("/charts/%s/archive", c.ID), nil, object{"reason": "moved"}, nil), &refused)
		require.Equal(t, "chart_not_found", refused.Code)
	}
	i.stop(t, p)
	stopNode()
	i.fits(t)
}
