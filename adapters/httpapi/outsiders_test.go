package httpapi_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whoever has no tie to a practice, or none any more, learns nothing of it by
// what they say they have seen.
func TestAnOutsiderLearnsNoRevision(t *testing.T) {
	p := newStack(t).staffed()
	p.remove("david")
	revision := p.get("olivia", p.path("")).header.Get("ETag")
	commands := [][2]string{{http.MethodPost, "/ownership-offer/accept"}, {http.MethodDelete, "/ownership-offer"}, {http.MethodPost, "/invitations/" + p.branch + "/accept"}, {http.MethodPost, "/invitations/" + p.branch + "/decline"}}
	for _, as := range []string{"zoe", "david"} {
		for _, c := range commands {
			p.run(t, as+" "+strings.Join(c[:], " "), func(t *testing.T) {
				wrong := p.send(as, c[0], p.path(c[1]), nil, header("If-Match", `"0"`)).problem()
				right := p.send(as, c[0], p.path(c[1]), nil, header("If-Match", revision)).problem()
				require.Equal(t, wrong.Code, right.Code)
				require.Equal(t, wrong.Status, right.Status)
				require.Empty(t, wrong.Details)
				require.NotEqual(t, "stale_revision", wrong.Code)
			})
		}
	}
	p.run(t, "a member does", func(t *testing.T) {
		n, err := strconv.Unquote(revision)
		require.NoError(t, err)
		stale := p.send("carla", http.MethodPost, p.path("/ownership-offer/accept"), nil, header("If-Match", `"0"`))
		require.Equal(t, n, stale.refused(http.StatusPreconditionFailed, "stale_revision").Details["actual"])
	})
}

// The history of a stream is whole or not to be had: a permission for less than
// the practice opens none.
func TestAHistoryNeedsThePermissionForTheWholePractice(t *testing.T) {
	p := newStack(t).staffed()
	p.join("sam", "super_admin", true)
	chart := p.open("carla", "Ada", "Abbott", "carla")
	for _, scope := range []string{"own", "branches"} {
		p.allow("sam", "audit.history.view", scope)
	}
	for _, stream := range []string{"group-" + p.group, "chart-" + p.group + "%2B" + chart} {
		p.get("sam", p.path("/audit/history?stream=", stream)).refused(http.StatusForbidden, "permission_denied")
	}
	p.allow("sam", "audit.history.view", "group")
	p.get("sam", p.path("/audit/history?stream=group-", p.group)).into(new(any))
}

// Whoever may read every history, but not open every chart, learns who did what, and
// not why it was done to a patient.
func TestFoundP1_AHistoryTellsReasonsOnlyToWhoMayOpenTheChart(t *testing.T) {
	p := newStack(t).staffed()
	p.join("sam", "super_admin", false)
	p.allow("sam", "audit.history.view", "group")
	chart := p.open("carla", "Ada", "Abbott", "carla")
	charge := p.charge(chart, "carla", "2026-03-02", 100)
	p.post("olivia", p.ledger(chart, "carla", "/charges/", charge, "/void"), object{"reason": "Wrong patient", "date": "2026-03-02"}).done()
	p.post("carla", p.path("/clinicians/", p.members["carla"], "/blocks"), object{"start": "2026-03-06T13:00:00Z", "end": "2026-03-06T15:00:00Z"}, header("Praxis-Reason", "Ada's crisis")).done()
	p.post("olivia", p.path("/charts/", chart, "/archive"), object{"reason": "Moved away"}).done()
	p.post("olivia", p.path("/branches"), object{"name": "Riverside"}, header("Praxis-Reason", "New lease")).done()
	reasons := func(stream string) (told []string) {
		t.Helper()
		var h struct {
			Entries []struct{ What, Reason string }
		}
		p.get("sam", p.path("/audit/history?stream=", stream)).into(&h)
		require.NotEmpty(t, h.Entries)
		for _, e := range h.Entries {
			require.NotEmpty(t, e.What)
			if e.Reason != "" {
				told = append(told, e.Reason)
			}
		}
		return told
	}
	ofChart, ledger := "chart-"+p.group+"%2B"+chart, "invoice-"+p.group+"%2B"+chart+"."+p.members["carla"]
	calendar := "bookingCalendar-" + p.group + "%2B" + p.members["carla"]
	require.Equal(t, []string{"Moved away"}, reasons(ofChart))
	require.Equal(t, []string{"Wrong patient"}, reasons(ledger))
	require.Equal(t, []string{"Ada's crisis"}, reasons(calendar))
	p.put("olivia", p.path("/members/", p.members["sam"], "/permissions/roster.view"), object{"effect": "deny", "scope": "group"}).done()
	p.get("sam", p.path("/charts/", chart)).problem()
	require.Empty(t, reasons(ofChart))
	require.Empty(t, reasons(ledger))
	require.Empty(t, reasons(calendar))
	require.Equal(t, []string{"New lease"}, reasons("group-"+p.group))
}

// What somebody exported who may not see everything is no copy of the records.
func TestAnExportOfAPartDoesNotLetAPracticeClose(t *testing.T) {
	p := newStack(t).found("olivia", true)
	p.allow("olivia", "chart.create", "group")
	p.open("olivia", "Ada", "Abbott", "olivia")
	p.join("carla", "user", true)
	p.allow("carla", "roster.export", "own")
	file := p.get("carla", p.path("/charts.csv"))
	require.Equal(t, http.StatusOK, file.status)
	require.NotContains(t, string(file.body), "Abbott")
	sum := sha256.Sum256(file.body)
	p.remove("carla")
	p.post("olivia", p.path("/close"), object{"exportManifestHash": hex.EncodeToString(sum[:])}).refused(http.StatusUnprocessableEntity, "records_export_required")
}
