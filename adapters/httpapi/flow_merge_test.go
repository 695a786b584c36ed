package httpapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type mergeAnswer struct {
	Into *struct{ Chart, Name, UndoUntil string }
	From []struct{ Chart, Name, UndoUntil string }
}

func TestChartsOfOnePatientAreMerged(t *testing.T) {
	p := newStack(t).staffed()
	p.join("sam", "super_admin", false)
	kind := p.bookable()
	source, target := p.open("carla", "Ada", "Abbott", "carla"), p.open("david", "Ada", "Baker", "david")
	third := p.open("carla", "Bo", "Baptiste", "carla")
	p.charge(source, "carla", "2026-03-02", 100)
	p.charge(target, "david", "2026-03-02", 250)
	booking := p.path("/clinicians/", p.members["carla"], "/appointments")
	booked := p.post("carla", booking, object{"chart": source, "type": kind, "start": "2026-03-04T14:00:00Z"}).done().ID
	merge := func(c string) string { return p.path("/charts/", c, "/merge") }
	look := func(as, c string) (m mergeAnswer) {
		p.get(as, merge(c)).into(&m)
		return m
	}
	// charged are the amounts in the history of a chart, as somebody sees it.
	charged := func(as, c string) (amounts []int64) {
		var h struct {
			Entries []struct{ Amount amount }
		}
		p.get(as, p.path("/billing/history?chart=", c)).into(&h)
		for _, e := range h.Entries {
			amounts = append(amounts, e.Amount.Minor)
		}
		return amounts
	}
	appointments := func(as, c string) (ids []string) {
		var l struct{ Appointments []struct{ ID string } }
		p.get(as, p.path("/appointments?chart=", c)).into(&l)
		for _, a := range l.Appointments {
			ids = append(ids, a.ID)
		}
		return ids
	}
	before := string(p.get("olivia", p.path("/charts/", target)).body)

	p.run(t, "it takes the permission and seeing both", func(*testing.T) {
		p.post("carla", merge(source), object{"into": third, "reason": "x"}).refused(http.StatusForbidden, "permission_denied")
		p.post("olivia", merge(source), object{"into": p.group, "reason": "x"}).refused(http.StatusNotFound, "other_chart_not_found")
		p.post("olivia", merge(source), object{"into": source, "reason": "x"}).refused(http.StatusUnprocessableEntity, "same_chart")
		p.allow("carla", "chart.archive", "own")
		p.post("carla", merge(source), object{"into": target, "reason": "x"}).refused(http.StatusNotFound, "other_chart_not_found")
	})
	p.run(t, "AMB-17 a merged chart takes nothing new, and says where to go to who may see that", func(t *testing.T) {
		p.post("sam", merge(source), object{"into": target, "reason": "She has married"}).done()
		p.post("sam", merge(source), object{"into": target, "reason": "She has married"}).refused(http.StatusUnprocessableEntity, "chart_merged")
		p.post("sam", merge(third), object{"into": source, "reason": "x"}).refused(http.StatusUnprocessableEntity, "target_merged")
		charge := object{"serviceDate": "2026-03-02", "code": "90834", "units": 1, "unitPrice": dollars(100), "confirmDuplicate": true}
		refused := p.post("olivia", p.ledger(source, "carla", "/charges"), charge).refused(http.StatusUnprocessableEntity, "chart_merged")
		require.Equal(t, map[string]string{"into": target}, refused.Details)
		p.allow("carla", "patient_billing.manage", "own")
		theirs := p.post("carla", p.ledger(source, "carla", "/charges"), charge).refused(http.StatusUnprocessableEntity, "chart_merged")
		require.Empty(t, theirs.Details, "Carla may not see the other chart")
		p.post("carla", booking, object{"chart": source, "type": kind, "start": "2026-03-04T16:00:00Z"}).refused(http.StatusUnprocessableEntity, "chart_merged")
		p.put("carla", p.path("/charts/", source, "/demographics"), object{"familyName": "Other"}).refused(http.StatusUnprocessableEntity, "chart_merged")
		p.send("olivia", http.MethodDelete, p.path("/charts/", source, "/archive"), nil).refused(http.StatusUnprocessableEntity, "chart_merged")
	})
	p.run(t, "both ends are told to who may see them", func(t *testing.T) {
		require.Equal(t, []any{target, "Ada Baker"}, []any{look("olivia", source).Into.Chart, look("olivia", source).Into.Name})
		require.Equal(t, []any{source, "Ada Abbott"}, []any{look("olivia", target).From[0].Chart, look("olivia", target).From[0].Name})
		require.Equal(t, []any{"", ""}, []any{look("carla", source).Into.Chart, look("carla", source).Into.Name})
		require.Empty(t, look("david", target).From)
		p.get("david", merge(source)).refused(http.StatusNotFound, "chart_not_found")
		var chart struct{ Archived bool }
		p.get("olivia", p.path("/charts/", source)).into(&chart)
		require.True(t, chart.Archived)
		require.JSONEq(t, before, string(p.get("olivia", p.path("/charts/", target)).body), "what the other says of the patient stands")
	})
	p.run(t, "ledgers and appointments of the merged chart are listed with the other, and nobody sees more than before", func(t *testing.T) {
		require.ElementsMatch(t, []int64{100, 250}, charged("olivia", target))
		require.Equal(t, []int64{100}, charged("olivia", source))
		require.Equal(t, []int64{250}, charged("david", target))
		require.Equal(t, []string{booked}, appointments("olivia", target))
		require.Empty(t, appointments("david", target))
	})
	p.run(t, "within 30 days it is undone, and all is as it was", func(t *testing.T) {
		p.post("david", merge(source)+"/undo", nil).refused(http.StatusForbidden, "permission_denied")
		p.post("sam", merge(source)+"/undo", nil).done()
		p.post("sam", merge(source)+"/undo", nil).refused(http.StatusUnprocessableEntity, "not_merged")
		require.Equal(t, []int64{250}, charged("olivia", target))
		require.Empty(t, appointments("olivia", target))
		require.Nil(t, look("olivia", source).Into)
		var chart struct{ Archived bool }
		p.get("olivia", p.path("/charts/", source)).into(&chart)
		require.False(t, chart.Archived)
		p.charge(source, "carla", "2026-03-02", 300)
	})
	p.run(t, "after 30 days it stands", func(*testing.T) {
		p.post("sam", merge(source), object{"into": target, "reason": "She has married"}).done()
		p.clock.Pass(30 * 24 * time.Hour)
		p.post("sam", merge(source)+"/undo", nil).refused(http.StatusUnprocessableEntity, "merge_undo_expired")
	})
}
