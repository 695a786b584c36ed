package e2e_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestFoundW7_CommandReadinessAndMetricAgreeThatTheStoreTakesNoChanges(t *testing.T) {
	i, node, env := withNode(t)
	p := i.serve(t, append(env, "PRAXIS_READY_TIMEOUT=2s")...)
	practice := i.found(t)
	owner := practice.people["olivia"]
	limit := func(most uint64) {
		var before unix.Rlimit
		require.NoError(t, unix.Prlimit(node.cmd.Process.Pid, unix.RLIMIT_FSIZE, nil, &before))
		require.NoError(t, unix.Prlimit(node.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: most, Max: before.Max}, nil))
	}
	openChart := func() error {
		return owner.send(t.Context(), http.MethodPost, practice.path("/charts"), map[string]string{"Idempotency-Key": "chart"}, practice.newChart("Cole", "carla"), &receipt{})
	}
	limit(0)
	var refused *refusalError
	await(t, func() bool { return errors.As(openChart(), &refused) && refused.Code == "store_refuses_writes" }, "nobody says that the store takes no changes")
	require.Equal(t, http.StatusServiceUnavailable, refused.Status)
	r := i.readiness(t)
	require.Equal(t, http.StatusOK, r.status, "what tells nothing of a patient can be read")
	require.Equal(t, []string{"event_store"}, r.Degraded, "%+v", r)
	require.Contains(t, r.Parts["event_store"], "store_refuses_writes: ")
	_, metrics := get(t, i.url()+"/metrics")
	require.Contains(t, metrics, "praxis_event_store_available 0\n")
	require.Contains(t, metrics, "praxis_ready 1\n")
	owner.get(t, practice.path("/members"), "", &object{})
	require.ErrorAs(t, owner.send(t.Context(), http.MethodGet, practice.path("/charts"), nil, nil, &object{}), &refused)
	require.Equal(t, "access_not_recorded", refused.Code, "a look that cannot be recorded shows nothing")

	limit(unix.RLIM_INFINITY)
	await(t, func() bool { return openChart() == nil }, "the store does not take changes again")
	i.awaitReadiness(t, func(r readiness) bool { return r.status == http.StatusOK && len(r.Degraded) == 0 })
	i.stop(t, p)
}
