package e2e_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode/engine"
	"praxis/adapters/eventstore"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// One damaged event of one practice holds up what comes after it in the read models.
// What they have is served, commands go on, and status says how far each one came.
func TestFoundW6_WithOneDamagedEventTheRestIsServedAndStatusIsShown(t *testing.T) {
	i, node, env := withNode(t)
	env = append(env, "PRAXIS_READY_TIMEOUT=2s")
	p := i.serve(t, env...)
	practice := i.found(t)
	owner := practice.people["olivia"]
	chart := owner.command(t, http.MethodPost, practice.path("/charts"), "chart", practice.newChart("Cole", "carla"))
	owner.get(t, practice.path("/charts"), chart.Position, &object{})
	i.stop(t, p)
	i.damageOneEvent(t, node, env[0])

	p = i.startWith(t, env, "serve")
	await(t, func() bool { return strings.Contains(p.stderr.String(), "event_log_damaged") }, "the log does not name the damage")
	r := i.readiness(t)
	require.Equal(t, http.StatusServiceUnavailable, r.status)
	require.Equal(t, []string{"event_store"}, r.Unavailable)
	require.Equal(t, "event_log_damaged: The event log is damaged. Stop Praxis, keep the log as it is, and restore it from a backup; praxis serve --verify checks the embedded one whole.", r.Parts["event_store"])

	for _, path := range []string{"", "/charts", "/charts/" + chart.ID, "/billing/history", "/appointments"} {
		owner.get(t, practice.path("%s", path), "", &object{})
	}
	owner.command(t, http.MethodPut, practice.path("/charts/%s/status", chart.ID), "after the damage", object{"status": "inactive"})
	for command, said := range map[string]string{"projections": "running", "processes": "letters"} {
		o := i.runWith(t, env, command, "status")
		require.Equal(t, 0, o.code, o.stderr)
		require.Contains(t, o.stdout, "unknown")
		require.Contains(t, o.stdout, said)
	}
	i.stop(t, p)
}

// damageOneEvent appends an event of another practice, stops the node, damages the
// event on disk, and starts the node again.
func (i *installation) damageOneEvent(t *testing.T, node *process, env string) {
	t.Helper()
	url := strings.TrimPrefix(env, "EVENTSTOREDB_URL=")
	store, err := eventstore.Open(eventstore.Config{URL: url})
	require.NoError(t, err)
	_, err = store.Append(t.Context(), es.StreamOf(group.Category, id.New[id.Group]()), es.At(es.NoStream), []es.Proposed{{
		ID: id.New[id.Event](), Type: "group.renamed", Data: []byte(`{"name":"marked"}`), Metadata: []byte(`{"schemaVersion":"1"}`),
	}})
	store.Close()
	require.NoError(t, err)
	node.signal(syscall.SIGTERM)
	require.Equal(t, 0, node.awaitExit(t))
	file := filepath.Join(i.dir, "events", engine.FileName)
	log, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, bytes.ReplaceAll(log, []byte("marked"), []byte("marred")), 0o600))
	address, _, _ := strings.Cut(strings.TrimPrefix(url, "esdb://"), "?")
	i.startNode(t, address)
}
