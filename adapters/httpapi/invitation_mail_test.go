package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/catalog"
	"praxis/domain/es"
)

func TestAnInvitationIsMailedAndItsAddressStandsNowhereElse(t *testing.T) {
	p := newStack(t).found("olivia", false)
	invited := object{"email": "quattlebaum@example.org", "role": "super_admin"}
	held := func() (rows [][2]string) {
		t.Helper()
		found, err := p.pool.Query(t.Context(), "select recipient, body from praxis.outbox")
		require.NoError(t, err)
		defer found.Close()
		for found.Next() {
			var row [2]string
			require.NoError(t, found.Scan(&row[0], &row[1]))
			rows = append(rows, row)
		}
		require.NoError(t, found.Err())
		return rows
	}
	p.post("olivia", p.path("/invitations"), invited, asDryRun).receipt()
	require.Empty(t, held(), "a dry run writes to nobody")
	p.post("carla", p.path("/invitations"), invited).problem()
	require.Empty(t, held(), "nor does who may not invite")
	i := p.post("olivia", p.path("/invitations"), invited, key("one")).done().ID
	p.post("olivia", p.path("/invitations"), invited, key("one")).receipt()
	rows := held()
	require.Len(t, rows, 1)
	require.Equal(t, "quattlebaum@example.org", rows[0][0])
	require.Contains(t, rows[0][1], "https://app.example.com/"+p.group+"/"+i+"\n")
	require.Contains(t, rows[0][1], "Harbor Psychiatry invites you to join the practice as a super admin.")

	_, err := p.pool.Exec(t.Context(), "alter table praxis.outbox add constraint nobody check (recipient = 'quattlebaum@example.org')")
	require.NoError(t, err)
	p.post("olivia", p.path("/invitations"), object{"email": "zebulon@example.org", "role": "super_admin"}).refused(http.StatusInternalServerError, "outbox_refused")

	requireNoCanary(t, "the log", p.logs.String())
	metrics := httptest.NewRecorder()
	p.metrics.Handler().ServeHTTP(metrics, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	requireNoCanary(t, "a metric", metrics.Body.String())
	for rec, err := range p.store.ReadAll(t.Context(), catalog.Categories(), es.Position{}) {
		require.NoError(t, err)
		requireNoCanary(t, "an event", string(rec.Data)+string(rec.Metadata))
	}
}

// An address that no mail can be sent to is refused when the invitation is
// rehearsed, as it is in earnest.
func TestFoundP8_ADryRunOfAnInvitationChecksItsAddress(t *testing.T) {
	p := newStack(t).found("olivia", false)
	for _, address := range []string{"a@b.example\r\nBcc: c@d.example", "nobody", "a@b.example, c@d.example", "Ann <a@b.example>", "a b@c.example", "@b.example"} {
		invited := object{"email": address, "role": "super_admin"}
		rehearsed := p.post("olivia", p.path("/invitations"), invited, asDryRun).problem()
		earnest := p.post("olivia", p.path("/invitations"), invited).problem()
		rehearsed.RequestID = earnest.RequestID
		require.Equal(t, earnest, rehearsed, "%q", address)
		require.Equal(t, http.StatusBadRequest, earnest.Status)
	}
}
