package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// slots is what can be booked.
type slots struct {
	Online bool
	Zone   string
	Type   *struct {
		Type, Name string
		LengthMin  int
	}
	Slots              []struct{ Start, End, LocalDate, LocalTime string }
	CancellationPolicy struct {
		Version int
		Text    string
	}
}

func (s slots) times() string {
	var all []string
	for _, slot := range s.Slots {
		all = append(all, slot.LocalDate[8:]+"T"+slot.LocalTime)
	}
	return strings.Join(all, " ")
}

// bookable opens Wednesday mornings with Carla for one type of appointment.
func (p *practice) bookable() (kind string) {
	p.t.Helper()
	p.put("olivia", p.path("/booking-policy/online"), object{"on": true}).done()
	p.put("olivia", p.path("/booking-policy/self-service"), object{"on": true}).done()
	p.put("olivia", p.path("/booking-policy/window"), object{"cutoff": object{"n": 2, "unit": "hour"}, "horizonDays": 30}).done()
	p.put("olivia", p.path("/booking-policy/cancellation-policy"), object{"text": "Please give us 48 hours of notice."}).done()
	kind = p.post("olivia", p.path("/appointment-types"), object{"name": "Follow-up", "lengthMin": 45, "paddingMin": 15}).done().ID
	p.post("carla", p.path("/clinicians/", p.members["carla"], "/reserves"), object{
		"firstDate": "2026-03-04", "start": "09:00", "end": "12:00", "repeat": object{"frequency": "weekly", "every": 1, "days": []string{"wed"}},
	}).done()
	return kind
}

// portal is a path of the portal of a chart with Carla.
func (p *practice) portal(chart string, parts ...string) string {
	return p.path("/portal/charts/", chart, "/clinicians/", p.members["carla"], strings.Join(parts, ""))
}

// slotsAt reads slots of the first two Wednesdays.
func (p *practice) slotsAt(as, path, query string) slots {
	p.t.Helper()
	var s slots
	p.get(as, path+"/slots?from=2026-03-03&to=2026-03-12"+query).into(&s)
	return s
}

func TestBookingByStaffAndInThePortal(t *testing.T) {
	p := newStack(t, onRealStore).staffed()
	ada := p.open("carla", "Ada", "Abbott", "carla")
	celia := p.open("carla", "Celia", "Cole", "carla")
	bruno := p.open("olivia", "Bruno", "Baptiste", "david")
	p.link(ada, "pat")
	kind := p.bookable()
	calendar := p.path("/clinicians/", p.members["carla"])
	ofType := "&type=" + kind
	var booked, moved string

	p.run(t, "BKG-2 only reserved time is offered, once its length and padding fit", func(t *testing.T) {
		s := p.slotsAt("carla", calendar, ofType)
		require.True(t, s.Online)
		require.Equal(t, "America/New_York", s.Zone)
		// The clocks change on 8 March: local times stay, instants move.
		require.Equal(t, "04T09:00 04T10:00 04T11:00 11T09:00 11T10:00 11T11:00", s.times())
		require.Equal(t, "2026-03-04T14:00:00Z", s.Slots[0].Start)
		require.Equal(t, "2026-03-11T13:00:00Z", s.Slots[3].Start)
	})
	p.run(t, "the staff book, and over something else only with a reason", func(t *testing.T) {
		p.post("carla", p.path("/clinicians/", p.members["carla"], "/appointments"), object{"chart": celia, "type": kind, "start": "2026-03-04T14:00:00Z"}).done()
		again := object{"chart": celia, "type": kind, "start": "2026-03-04T14:00:00Z"}
		p.post("carla", calendar+"/appointments", again).problem()
		again["overlapReason"] = "Siblings come together"
		p.post("carla", calendar+"/appointments", again).done()
		require.Equal(t, "04T10:00 04T11:00 11T09:00 11T10:00 11T11:00", p.slotsAt("carla", calendar, ofType).times())
	})
	p.run(t, "BKG-8 a patient books without ever seeing padding", func(t *testing.T) {
		var types struct{ Types []map[string]any }
		p.get("pat", p.portal(ada, "/appointment-types")).into(&types)
		require.Equal(t, []map[string]any{{"type": kind, "name": "Follow-up", "lengthMin": 45.0}}, types.Types)
		s := p.slotsAt("pat", p.portal(ada), ofType)
		require.Equal(t, "04T10:00 04T11:00 11T09:00 11T10:00 11T11:00", s.times())
		require.Equal(t, "2026-03-04T15:45:00Z", s.Slots[0].End, "the end that is shown is that of the appointment, not of its padding")
		body := object{"type": kind, "start": s.Slots[0].Start, "policyVersionShown": s.CancellationPolicy.Version}
		shown := p.post("pat", p.portal(ada, "/appointments"), body, asDryRun)
		require.Equal(t, "dry_run", shown.receipt().Outcome)
		require.Empty(t, shown.receipt().Events)
		booked = p.post("pat", p.portal(ada, "/appointments"), body).done().ID
		require.Equal(t, "04T11:00 11T09:00 11T10:00 11T11:00", p.slotsAt("pat", p.portal(ada), ofType).times())
	})
	p.run(t, "BKG-4 the policy must have been shown in its present version", func(t *testing.T) {
		p.post("pat", p.portal(ada, "/appointments"), object{"type": kind, "start": "2026-03-11T13:00:00Z", "policyVersionShown": 0}).refused(http.StatusUnprocessableEntity, "policy_not_shown")
	})
	p.run(t, "a time that is gone is a conflict", func(t *testing.T) {
		p.post("pat", p.portal(ada, "/appointments"), object{"type": kind, "start": "2026-03-04T15:00:00Z", "policyVersionShown": 1}).refused(http.StatusConflict, "taken")
	})
	p.run(t, "BKG-A17 patients book with those who treat them", func(t *testing.T) {
		with := p.path("/portal/charts/", ada, "/clinicians/", p.members["david"])
		p.get("pat", with+"/slots?type="+kind).refused(http.StatusUnprocessableEntity, "chart_not_with_clinician")
		p.post("pat", with+"/appointments", object{"type": kind, "start": "2026-03-11T13:00:00Z", "policyVersionShown": 1}).refused(http.StatusUnprocessableEntity, "chart_not_with_clinician")
	})
	p.run(t, "a patient moves an appointment, whose own time counts as free", func(t *testing.T) {
		moves := p.slotsAt("pat", p.portal(ada, "/appointments/", booked), "")
		require.Equal(t, "04T10:00 04T11:00 11T09:00 11T10:00 11T11:00", moves.times())
		moved = p.post("pat", p.portal(ada, "/appointments/", booked, "/reschedule"), object{"start": "2026-03-11T13:00:00Z", "policyVersionShown": 1}).done().ID
		require.Equal(t, booked, moved)
	})
	p.run(t, "BKG-13 a patient sees their appointments and nobody else's", func(t *testing.T) {
		var list struct {
			Appointments []struct{ ID, TypeName, Start, LocalTime string }
			SelfService  bool
		}
		p.get("pat", p.path("/portal/charts/", ada, "/appointments")).into(&list)
		require.True(t, list.SelfService)
		require.Len(t, list.Appointments, 1)
		require.Equal(t, "2026-03-11T13:00:00Z", list.Appointments[0].Start)
		p.get("pat", p.path("/portal/charts/", celia, "/appointments")).refused(http.StatusNotFound, "group_not_found")
		p.post("pat", p.portal(bruno, "/appointments"), object{"type": kind, "start": "2026-03-11T14:00:00Z", "policyVersionShown": 1}).refused(http.StatusNotFound, "group_not_found")
	})
	p.run(t, "the staff see, move and cancel everything of theirs", func(t *testing.T) {
		var list struct {
			Appointments []struct {
				ID, Chart, BookedBy    string
				PaddingMin             int
				Cancelled              bool
				CancelledBy, LocalDate string
			}
			NextCursor string
		}
		p.get("carla", p.path("/appointments?from=2026-03-03&to=2026-03-31&limit=2")).into(&list)
		require.Len(t, list.Appointments, 2)
		p.get("carla", p.path("/appointments?from=2026-03-03&to=2026-03-31&limit=2&cursor=", list.NextCursor)).into(&list)
		require.Equal(t, booked, list.Appointments[0].ID)
		require.Equal(t, 15, list.Appointments[0].PaddingMin)
		p.post("carla", calendar+"/appointments/"+booked+"/reschedule", object{"chart": ada, "start": "2026-03-11T14:00:00Z"}).done()
		p.get("david", p.path("/appointments")).into(&list)
		require.Empty(t, list.Appointments)
	})
	p.run(t, "a cancelled appointment frees its time at once", func(t *testing.T) {
		p.post("pat", p.portal(ada, "/appointments/", booked, "/cancel"), object{"reason": "Better already", "policyVersionShown": 1}).done()
		p.post("pat", p.portal(ada, "/appointments/", booked, "/cancel"), object{"policyVersionShown": 1}).refused(http.StatusUnprocessableEntity, "already_cancelled")
		require.Equal(t, "04T10:00 04T11:00 11T09:00 11T10:00 11T11:00", p.slotsAt("pat", p.portal(ada), ofType).times())
		var list struct {
			Appointments []struct{ ID, CancelledBy string }
		}
		p.get("carla", p.path("/appointments?cancelled=true&chart=", ada)).into(&list)
		require.Equal(t, "patient", list.Appointments[0].CancelledBy)
	})
	p.run(t, "blocks, skipped days and other hours change what is offered", func(t *testing.T) {
		reserve := p.post("carla", calendar+"/reserves", object{"firstDate": "2026-03-05", "start": "09:00", "end": "10:00", "repeat": object{"frequency": "weekly", "every": 1, "days": []string{"thu"}}}).done().ID
		require.Equal(t, "04T10:00 04T11:00 05T09:00 11T09:00 11T10:00 11T11:00 12T09:00", p.slotsAt("carla", calendar, ofType).times())
		p.post("carla", calendar+"/reserves/"+reserve+"/skips", object{"date": "2026-03-05"}).done()
		p.post("carla", calendar+"/reserves/"+reserve+"/moves", object{"date": "2026-03-12", "start": "13:00", "end": "14:00"}).done()
		block := p.post("carla", calendar+"/blocks", object{"start": "2026-03-11T13:00:00Z", "end": "2026-03-11T15:00:00Z"}).done().ID
		require.Equal(t, "04T10:00 04T11:00 11T11:00 12T13:00", p.slotsAt("carla", calendar, ofType).times())
		p.send("carla", http.MethodDelete, calendar+"/blocks/"+block, nil).done()
		p.post("carla", calendar+"/reserves/"+reserve+"/end", object{"lastDate": "2026-03-11"}).done()
		require.Equal(t, "04T10:00 04T11:00 11T09:00 11T10:00 11T11:00", p.slotsAt("carla", calendar, ofType).times())
	})
	p.run(t, "types are revised and retired; BKG-1 what is off offers nothing", func(t *testing.T) {
		p.put("olivia", p.path("/appointment-types/", kind), object{"name": "Follow-up", "lengthMin": 60, "paddingMin": 30}).done()
		require.Equal(t, "04T10:30 11T09:00 11T10:30", p.slotsAt("carla", calendar, ofType).times())
		p.put("olivia", p.path("/booking-policy/online"), object{"on": false}).done()
		require.Empty(t, p.slotsAt("carla", calendar, ofType).Slots)
		p.send("olivia", http.MethodDelete, p.path("/appointment-types/", kind), nil).done()
		var types struct{ Types []struct{ Retired bool } }
		p.get("carla", p.path("/appointment-types?retired=true")).into(&types)
		require.True(t, types.Types[0].Retired)
	})
	p.run(t, "BKG-8 no answer to a patient ever spoke of padding", func(t *testing.T) {
		for _, path := range []string{p.portal(ada, "/appointment-types"), p.portal(ada, "/slots?type="+kind), p.path("/portal/charts/", ada, "/appointments")} {
			require.NotContains(t, strings.ToLower(string(p.get("pat", path).body)), "padding")
		}
	})
}
