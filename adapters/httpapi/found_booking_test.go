package httpapi_test

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// surgery is a practice in which Pat can book with Carla for Ada's chart. It is
// Monday 2026-03-02 in New York; Wednesday mornings are reserved with Carla.
type surgery struct {
	*practice
	ada, kind string
}

func newSurgery(t *testing.T) *surgery {
	t.Helper()
	p := newStack(t).staffed()
	s := &surgery{practice: p, ada: p.open("carla", "Ada", "Abbott", "carla"), kind: p.bookable()}
	p.link(s.ada, "pat")
	return s
}

// calendar is a path below a clinician's calendar.
func (s *surgery) calendar(clinician, below string) string {
	return s.path("/clinicians/", s.members[clinician], below)
}

// online books for Ada as Pat.
func (s *surgery) online(clinician, start string) answer {
	s.t.Helper()
	path := s.path("/portal/charts/", s.ada, "/clinicians/", s.members[clinician], "/appointments")
	return s.post("pat", path, object{"type": s.kind, "start": start, "policyVersionShown": 1})
}

// staffed books for a chart as the clinician.
func (s *surgery) byStaff(clinician, chart, start string) answer {
	s.t.Helper()
	return s.post(clinician, s.calendar(clinician, "/appointments"), object{"chart": chart, "type": s.kind, "start": start})
}

// reserve reserves hours with Carla and returns the series.
func (s *surgery) reserve(body object) string {
	s.t.Helper()
	return s.post("carla", s.calendar("carla", "/reserves"), body).done().ID
}

// times are what Carla offers in some days.
func (s *surgery) times(days string) string {
	s.t.Helper()
	var found slots
	s.get("carla", s.calendar("carla", "/slots?type="+s.kind+days)).into(&found)
	return found.times()
}

const unprocessable = http.StatusUnprocessableEntity

func TestFoundB1_OnlyAPublishedPolicyWasShown(t *testing.T) {
	s := newSurgery(t)
	booked := s.online("carla", "2026-03-04T14:00:00Z").done().ID
	cancel := s.portal(s.ada, "/appointments/", booked, "/cancel")
	s.run(t, "a version that never was cannot have been shown", func(*testing.T) {
		s.post("pat", cancel, object{"policyVersionShown": 999999}).refused(unprocessable, "policy_not_shown")
		s.post("pat", cancel, object{"policyVersionShown": 0}).refused(unprocessable, "policy_not_shown")
		s.post("pat", s.portal(s.ada, "/appointments/", booked, "/reschedule"), object{"start": "2026-03-04T15:00:00Z", "policyVersionShown": 999999}).
			refused(unprocessable, "policy_not_shown")
		s.post("carla", s.calendar("carla", "/appointments/"+booked+"/cancel"), object{"chart": s.ada, "policyVersionShown": 2}).
			refused(unprocessable, "policy_not_shown")
		s.post("carla", s.calendar("carla", "/appointments"), object{"chart": s.ada, "type": s.kind, "start": "2026-03-05T15:00:00Z", "policyVersionShown": 2}).
			refused(unprocessable, "policy_not_shown")
	})
	s.put("olivia", s.path("/booking-policy/cancellation-policy"), object{"text": "Please give us 24 hours of notice."}).done()
	s.run(t, "BKG-4 cancelling under the text that was shown before stands, and the staff may have shown none", func(t *testing.T) {
		s.post("pat", cancel, object{"policyVersionShown": 1}).done()
		other := s.byStaff("carla", s.ada, "2026-03-05T15:00:00Z").done().ID
		s.post("carla", s.calendar("carla", "/appointments/"+other+"/cancel"), object{"chart": s.ada}).done()
	})
	s.run(t, "booking needs the present text", func(*testing.T) {
		s.online("carla", "2026-03-04T14:00:00Z").refused(unprocessable, "policy_not_shown")
	})
	s.run(t, "every text that was published can be read", func(t *testing.T) {
		type text struct {
			Version                   int
			Text, SHA256, PublishedAt string
		}
		var list struct{ Versions []text }
		s.get("carla", s.path("/booking-policy/cancellation-policies")).into(&list)
		require.Len(t, list.Versions, 2)
		require.Equal(t, "Please give us 24 hours of notice.", list.Versions[0].Text)
		var first text
		s.get("carla", s.path("/booking-policy/cancellation-policies/1")).into(&first)
		require.Equal(t, list.Versions[1], first)
		require.Equal(t, "Please give us 48 hours of notice.", first.Text)
		require.Contains(t, first.PublishedAt, "2026-03-02T14:00:")
		s.get("carla", s.path("/booking-policy/cancellation-policies?before=2")).into(&list)
		require.Equal(t, []text{first}, list.Versions)
		s.get("carla", s.path("/booking-policy/cancellation-policies/3")).refused(http.StatusNotFound, "policy_version_unknown")
	})
}

func TestFoundB2_AnArchivedChartTakesNothingNew(t *testing.T) {
	s := newSurgery(t)
	booked := s.online("carla", "2026-03-04T14:00:00Z").done().ID
	charge := s.charge(s.ada, "carla", "2026-03-02", 100)
	s.run(t, "AMB-17 a chart with appointments ahead is archived only by force", func(*testing.T) {
		refused := s.post("olivia", s.path("/charts/", s.ada, "/archive"), object{"reason": "Moved away"}).refused(unprocessable, "future_appointments")
		require.Equal(t, map[string]string{"total": "1", "appointments": booked, "starts": "2026-03-04T14:00:00Z"}, refused.Details)
		s.post("olivia", s.path("/charts/", s.ada, "/archive"), object{"reason": "Moved away"}, asDryRun).refused(unprocessable, "future_appointments")
		s.post("olivia", s.path("/charts/", s.ada, "/archive"), object{"reason": "Moved away", "force": true}).done()
	})
	s.run(t, "AMB-17 no appointment, online or by the staff, and no charge", func(*testing.T) {
		s.online("carla", "2026-03-04T15:00:00Z").refused(unprocessable, "chart_archived")
		s.byStaff("carla", s.ada, "2026-03-04T15:00:00Z").refused(unprocessable, "chart_archived")
		s.post("carla", s.calendar("carla", "/appointments/"+booked+"/reschedule"), object{"chart": s.ada, "start": "2026-03-04T15:00:00Z"}).
			refused(unprocessable, "chart_archived")
		s.get("pat", s.portal(s.ada, "/slots?type="+s.kind)).refused(unprocessable, "chart_archived")
		s.post("olivia", s.ledger(s.ada, "carla", "/charges"), object{"serviceDate": "2026-03-02", "code": "90834", "units": 1, "unitPrice": dollars(101)}).
			refused(unprocessable, "chart_archived")
	})
	s.run(t, "AMB-17 what is there already is paid, voided and cancelled", func(*testing.T) {
		s.pay(s.ada, "carla", "2026-03-02", 50)
		s.post("olivia", s.ledger(s.ada, "carla", "/charges/", charge, "/void"), object{"reason": "Wrong", "date": "2026-03-02"}).done()
		s.get("pat", s.path("/portal/charts/", s.ada, "/appointments"))
		s.post("pat", s.portal(s.ada, "/appointments/", booked, "/cancel"), object{"policyVersionShown": 1}).done()
	})
	s.run(t, "and everything again once it is back", func(*testing.T) {
		s.send("olivia", http.MethodDelete, s.path("/charts/", s.ada, "/archive"), nil).done()
		s.online("carla", "2026-03-04T15:00:00Z").done()
	})
}

func TestFoundB3_OnePatientTwoCliniciansOneTime(t *testing.T) {
	s := newSurgery(t)
	s.put("olivia", s.path("/charts/", s.ada, "/team/", s.members["david"]), object{"role": "clinician"}).done()
	s.post("david", s.calendar("david", "/reserves"), object{"firstDate": "2026-03-04", "start": "09:30", "end": "12:30", "repeat": object{"frequency": "once"}}).done()
	first := s.online("carla", "2026-03-04T14:00:00Z").done().ID // 09:00 to 09:45
	s.run(t, "BKG-A18 a patient cannot book two clinicians online for one time", func(t *testing.T) {
		busy := s.online("david", "2026-03-04T14:30:00Z").refused(unprocessable, "patient_busy")
		require.Equal(t, first, busy.Details["appointment"])
	})
	s.run(t, "BKG-A18 padding is the clinician's own time", func(*testing.T) {
		// Carla's padding runs until 10:00; the patient left at 09:45.
		s.post("david", s.calendar("david", "/reserves"), object{"firstDate": "2026-03-11", "start": "09:45", "end": "10:45", "repeat": object{"frequency": "once"}}).done()
		s.online("carla", "2026-03-11T13:00:00Z").done()
		s.online("david", "2026-03-11T13:45:00Z").done()
	})
	s.run(t, "BKG-A18 moving is held to it, too", func(*testing.T) {
		later := s.online("david", "2026-03-04T16:30:00Z").done().ID
		path := s.path("/portal/charts/", s.ada, "/clinicians/", s.members["david"], "/appointments/", later, "/reschedule")
		s.post("pat", path, object{"start": "2026-03-04T14:30:00Z", "policyVersionShown": 1}).refused(unprocessable, "patient_busy")
		s.post("pat", s.path("/portal/charts/", s.ada, "/clinicians/", s.members["david"], "/appointments/", later, "/cancel"), object{"policyVersionShown": 1}).done()
	})
	s.run(t, "BKG-A11 the staff may, with a reason; the list says that the two clash", func(t *testing.T) {
		body := object{"chart": s.ada, "type": s.kind, "start": "2026-03-04T14:30:00Z"}
		s.post("david", s.calendar("david", "/appointments"), body).refused(unprocessable, "patient_busy")
		body["overlapReason"] = "Both parents come"
		s.post("david", s.calendar("david", "/appointments"), body).done()
		var list struct {
			Appointments []struct {
				Start   string
				Clashes bool
			}
		}
		s.get("olivia", s.path("/appointments?from=2026-03-04&to=2026-03-04")).into(&list)
		require.Len(t, list.Appointments, 2)
		require.True(t, list.Appointments[0].Clashes)
		require.True(t, list.Appointments[1].Clashes)
		s.get("olivia", s.path("/appointments?from=2026-03-11&to=2026-03-11")).into(&list)
		require.Len(t, list.Appointments, 2)
		require.False(t, list.Appointments[0].Clashes)
	})
	s.run(t, "BKG-A18 nor with two requests at once", func(t *testing.T) {
		s.post("david", s.calendar("david", "/reserves"), object{"firstDate": "2026-03-18", "start": "09:00", "end": "12:00", "repeat": object{"frequency": "once"}}).done()
		answers := make([]answer, 2)
		var both sync.WaitGroup
		for i, clinician := range []string{"carla", "david"} {
			both.Go(func() { answers[i] = s.online(clinician, "2026-03-18T13:00:00Z") })
		}
		both.Wait()
		slices.SortFunc(answers, func(a, b answer) int { return cmp.Compare(a.status, b.status) })
		answers[0].done()
		answers[1].refused(unprocessable, "patient_busy")
	})
	s.run(t, "another patient is not in the way", func(*testing.T) {
		celia := s.open("olivia", "Celia", "Cole", "david")
		s.byStaff("david", celia, "2026-03-04T17:30:00Z").done()
		s.online("carla", "2026-03-04T16:00:00Z").done()
	})
}

// series is a series of reserved time as the staff read it.
type series struct {
	ID, FirstDate, Start, End, Zone, LastDate string
	Skipped                                   []string
	Moved                                     []struct{ Date, Start, End string }
	Types                                     []string
}

func TestFoundB4_WhatHasAnIdCanBeListedAndRead(t *testing.T) {
	s := newSurgery(t)
	id := s.reserve(object{"firstDate": "2026-03-05", "start": "09:00", "end": "12:00", "repeat": object{"frequency": "weekly", "days": []string{"thu"}}, "types": []string{s.kind}})
	at := s.calendar("carla", "/reserves/"+id)
	s.post("carla", at+"/skips", object{"date": "2026-03-12"}).done()
	s.post("carla", at+"/moves", object{"date": "2026-03-19", "start": "22:30", "end": "01:30"}).done()
	s.post("carla", at+"/end", object{"lastDate": "2026-03-31"}).done()
	s.run(t, "reserves, with what was skipped, moved and ended", func(t *testing.T) {
		var list struct{ Reserves []series }
		s.get("carla", s.calendar("carla", "/reserves")).into(&list)
		require.Len(t, list.Reserves, 2)
		require.Equal(t, "2026-03-04", list.Reserves[0].FirstDate)
		require.Equal(t, series{
			ID: id, FirstDate: "2026-03-05", Start: "09:00", End: "12:00", Zone: "America/New_York", LastDate: "2026-03-31", Skipped: []string{"2026-03-12"},
			Moved: []struct{ Date, Start, End string }{{"2026-03-19", "22:30", "01:30"}}, Types: []string{s.kind},
		}, list.Reserves[1])
		var one series
		s.get("carla", at).into(&one)
		require.Equal(t, list.Reserves[1], one)
		s.get("carla", s.calendar("carla", "/reserves/"+s.kind)).refused(http.StatusNotFound, "reserve_unknown")
	})
	s.run(t, "blocks", func(t *testing.T) {
		type block struct{ ID, Start, End string }
		over := s.post("carla", s.calendar("carla", "/blocks"), object{"start": "2026-03-02T10:00:00Z", "end": "2026-03-02T11:00:00Z"}).done().ID
		coming := s.post("carla", s.calendar("carla", "/blocks"), object{"start": "2026-03-06T13:00:00Z", "end": "2026-03-06T15:00:00Z"}).done().ID
		want := block{coming, "2026-03-06T13:00:00Z", "2026-03-06T15:00:00Z"}
		var list struct{ Blocks []block }
		s.get("carla", s.calendar("carla", "/blocks")).into(&list)
		require.Equal(t, []block{want}, list.Blocks)
		s.get("carla", s.calendar("carla", "/blocks?from=2026-03-02")).into(&list)
		require.Equal(t, []block{{over, "2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z"}, want}, list.Blocks)
		var one block
		s.get("carla", s.calendar("carla", "/blocks/"+coming)).into(&one)
		require.Equal(t, want, one)
		s.send("carla", http.MethodDelete, s.calendar("carla", "/blocks/"+coming), nil).done()
		s.get("carla", s.calendar("carla", "/blocks/"+coming)).refused(http.StatusNotFound, "block_unknown")
	})
	s.run(t, "an appointment, by the staff and by its patient", func(t *testing.T) {
		booked := s.online("carla", "2026-03-04T14:00:00Z").done().ID
		var one struct {
			ID, Chart, Start, TzdbVersion string
			PolicyVersionShown            int
			Cancelled                     bool
		}
		s.get("carla", s.calendar("carla", "/appointments/"+booked)).into(&one)
		require.Equal(t, s.ada, one.Chart)
		require.Equal(t, 1, one.PolicyVersionShown)
		s.get("carla", s.calendar("david", "/appointments/"+booked)).refused(http.StatusForbidden, "permission_denied")
		s.get("pat", s.portal(s.ada, "/appointments/", booked)).into(&one)
		require.Equal(t, "2026-03-04T14:00:00Z", one.Start)
		others := s.byStaff("carla", s.open("carla", "Celia", "Cole", "carla"), "2026-03-04T15:00:00Z").done().ID
		s.get("pat", s.portal(s.ada, "/appointments/", others)).refused(http.StatusNotFound, "appointment_unknown")
		s.post("pat", s.portal(s.ada, "/appointments/", booked, "/cancel"), object{"policyVersionShown": 1}).done()
		s.get("pat", s.portal(s.ada, "/appointments/", booked)).into(&one)
		require.True(t, one.Cancelled)
	})
	s.run(t, "an appointment type, retired or not", func(t *testing.T) {
		s.send("olivia", http.MethodDelete, s.path("/appointment-types/", s.kind), nil).done()
		var one struct {
			ID, Name   string
			PaddingMin int
			Retired    bool
		}
		s.get("carla", s.path("/appointment-types/", s.kind)).into(&one)
		require.Equal(t, "Follow-up", one.Name)
		require.True(t, one.Retired)
		s.get("carla", s.path("/appointment-types/", id)).refused(http.StatusNotFound, "type_unknown")
	})
}

func TestFoundB5_WhatWasChangedOfASeriesCanBeChangedAgain(t *testing.T) {
	s := newSurgery(t)
	thursdays := object{"firstDate": "2026-03-05", "start": "09:00", "end": "10:00", "repeat": object{"frequency": "weekly", "days": []string{"thu"}}}
	id := s.reserve(thursdays)
	at := s.calendar("carla", "/reserves/"+id)
	march := func() string { return s.times("&from=2026-03-05&to=2026-03-29") }
	const wednesdays = "11T09:00 11T10:00 11T11:00 12T09:00 18T09:00 18T10:00 18T11:00"
	s.run(t, "a skipped day comes back, and a skipped day can be moved", func(t *testing.T) {
		s.post("carla", at+"/skips", object{"date": "2026-03-12"}).done()
		require.Equal(t, "unchanged", s.post("carla", at+"/skips", object{"date": "2026-03-12"}).receipt().Outcome)
		require.NotContains(t, march(), "12T")
		s.post("carla", at+"/moves", object{"date": "2026-03-12", "start": "14:00", "end": "15:00"}).done()
		require.Contains(t, march(), "12T14:00")
		s.send("carla", http.MethodDelete, at+"/exceptions/2026-03-12", nil).done()
		require.Equal(t, "unchanged", s.send("carla", http.MethodDelete, at+"/exceptions/2026-03-12", nil).receipt().Outcome)
		require.Contains(t, march(), wednesdays)
		s.send("carla", http.MethodDelete, at+"/exceptions/2026-03-13", nil).refused(unprocessable, "date_not_in_series")
	})
	s.run(t, "an end can be later, and taken back", func(t *testing.T) {
		s.post("carla", at+"/end", object{"lastDate": "2026-03-11"}).done()
		require.NotContains(t, march(), "12T")
		s.post("carla", at+"/end", object{"lastDate": "2026-03-12"}).done()
		require.Equal(t, "unchanged", s.post("carla", at+"/end", object{"lastDate": "2026-03-12"}).receipt().Outcome)
		require.Contains(t, march(), "12T09:00")
		require.NotContains(t, march(), "19T")
		s.send("carla", http.MethodDelete, at+"/end", nil).done()
		require.Contains(t, march(), "19T09:00")
		require.Equal(t, "unchanged", s.send("carla", http.MethodDelete, at+"/end", nil).receipt().Outcome)
	})
	s.run(t, "other hours from a day on: one append, and days that were skipped stay so", func(t *testing.T) {
		s.post("carla", at+"/skips", object{"date": "2026-03-19"}).done()
		require.Equal(t, "unchanged", s.post("carla", at+"/change", object{"from": "2026-03-12", "start": "09:00", "end": "10:00"}).receipt().Outcome)
		shown := s.post("carla", at+"/change", object{"from": "2026-03-10", "start": "15:00", "end": "16:00"}, asDryRun).receipt()
		var names []string
		for _, e := range shown.Events {
			names = append(names, e.Name)
		}
		require.Equal(t, []string{"booking.reserve_ended", "booking.time_reserved", "booking.reserved_date_skipped"}, names)
		next := s.post("carla", at+"/change", object{"from": "2026-03-10", "start": "15:00", "end": "16:00"}).done().ID
		require.NotEqual(t, id, next)
		require.Equal(t, "05T09:00 11T09:00 11T10:00 11T11:00 12T15:00 18T09:00 18T10:00 18T11:00 25T09:00 25T10:00 25T11:00 26T15:00", march())
		var one series
		s.get("carla", s.calendar("carla", "/reserves/"+next)).into(&one)
		require.Equal(t, "2026-03-12", one.FirstDate)
		require.Equal(t, []string{"2026-03-19"}, one.Skipped)
		s.post("carla", at+"/change", object{"from": "2026-03-26", "start": "15:00", "end": "16:00"}).refused(unprocessable, "date_not_in_series")
	})
}

func TestFoundB6_HoursOverMidnight(t *testing.T) {
	s := newSurgery(t)
	s.run(t, "22:30 to 01:30 ends on the next day", func(t *testing.T) {
		s.reserve(object{"firstDate": "2026-03-06", "start": "22:30", "end": "01:30", "repeat": object{"frequency": "once"}})
		require.Equal(t, "06T22:30 06T23:30 07T00:30", s.times("&from=2026-03-06&to=2026-03-07"))
	})
	s.run(t, "also where the clocks change in between", func(t *testing.T) {
		// At 02:00 on the 8th it is 03:00.
		s.reserve(object{"firstDate": "2026-03-07", "start": "23:30", "end": "05:00", "repeat": object{"frequency": "once"}})
		require.Equal(t, "07T23:30 08T00:30 08T01:30 08T03:30", s.times("&from=2026-03-07&to=2026-03-08")[len("07T00:30 "):])
	})
	s.run(t, "no hours are no hours", func(*testing.T) {
		s.post("carla", s.calendar("carla", "/reserves"), object{"firstDate": "2026-03-06", "start": "22:30", "end": "22:30", "repeat": object{"frequency": "once"}}).
			refused(http.StatusBadRequest, "empty_interval")
		s.post("carla", s.calendar("carla", "/reserves"), object{"firstDate": "2026-03-06", "start": "24:00", "end": "01:30", "repeat": object{"frequency": "once"}}).
			refused(http.StatusBadRequest, "longer_than_24h")
	})
}

const nobodys = "018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e"

func TestFoundB7_WhatIsNamedMustExist(t *testing.T) {
	s := newSurgery(t)
	once := object{"firstDate": "2026-03-06", "start": "09:00", "end": "12:00", "repeat": object{"frequency": "once"}, "types": []string{s.kind, nobodys}}
	s.run(t, "a reserve is for types that the practice offers", func(t *testing.T) {
		for _, option := range [][]option{nil, {asDryRun}} {
			p := s.post("carla", s.calendar("carla", "/reserves"), once, option...).refused(http.StatusNotFound, "type_unknown")
			require.Equal(t, nobodys, p.Details["type"])
		}
		once["types"] = []string{s.kind}
		id := s.reserve(once)
		s.post("carla", s.calendar("carla", "/reserves/"+id+"/change"), object{"from": "2026-03-06", "start": "10:00", "end": "12:00", "types": []string{nobodys}}).
			refused(http.StatusNotFound, "type_unknown")
		s.send("olivia", http.MethodDelete, s.path("/appointment-types/", s.kind), nil).done()
		once["types"] = []string{s.kind}
		s.post("carla", s.calendar("carla", "/reserves"), once).refused(http.StatusNotFound, "type_unknown")
	})
	s.run(t, "a type is offered by clinicians of the practice", func(t *testing.T) {
		terms := object{"name": "Intake", "lengthMin": 60, "clinicians": []string{s.members["carla"], nobodys}}
		p := s.post("olivia", s.path("/appointment-types"), terms).refused(unprocessable, "not_a_clinician")
		require.Equal(t, nobodys, p.Details["member"])
		delete(terms, "clinicians")
		kind := s.post("olivia", s.path("/appointment-types"), terms).done().ID
		terms["clinicians"] = []string{s.members["olivia"]}
		s.put("olivia", s.path("/appointment-types/", kind), terms).refused(unprocessable, "not_a_clinician")
	})
	s.run(t, "an account is linked that somebody has signed in with", func(t *testing.T) {
		p := s.put("olivia", s.path("/charts/", s.ada, "/patient-accounts/", nobodys), nil).refused(unprocessable, "account_unknown")
		require.Equal(t, nobodys, p.Details["account"])
		s.put("olivia", s.path("/charts/", s.ada, "/patient-accounts/", s.me("zoe").Account), nil).done()
	})
}

func TestFoundB8_TheReceiptNamesTheAppointmentsInside(t *testing.T) {
	s := newSurgery(t)
	booked := s.online("carla", "2026-03-04T14:00:00Z").done().ID
	s.byStaff("carla", s.ada, "2026-03-05T18:00:00Z").done()
	requireInside := func(t *testing.T, a answer, ids ...string) {
		t.Helper()
		r := a.receipt()
		require.NotNil(t, r.AppointmentsTotal)
		require.Len(t, ids, *r.AppointmentsTotal)
		for i, id := range ids {
			require.Equal(t, id, r.Appointments[i].ID)
		}
	}
	s.run(t, "of a block, in the dry run as in earnest", func(t *testing.T) {
		block := object{"start": "2026-03-04T14:30:00Z", "end": "2026-03-04T15:00:00Z"}
		requireInside(t, s.post("carla", s.calendar("carla", "/blocks"), block, asDryRun), booked)
		done := s.post("carla", s.calendar("carla", "/blocks"), block)
		requireInside(t, done, booked)
		require.Equal(t, "2026-03-04T14:00:00Z", done.receipt().Appointments[0].Start)
		requireInside(t, s.post("carla", s.calendar("carla", "/blocks"), object{"start": "2026-03-04T20:00:00Z", "end": "2026-03-04T21:00:00Z"}))
	})
	var list struct{ Reserves []series }
	s.get("carla", s.calendar("carla", "/reserves")).into(&list)
	at := s.calendar("carla", "/reserves/"+list.Reserves[0].ID)
	s.run(t, "of reserved time that is skipped, moved, ended or changed", func(t *testing.T) {
		requireInside(t, s.post("carla", at+"/skips", object{"date": "2026-03-04"}, asDryRun), booked)
		requireInside(t, s.post("carla", at+"/moves", object{"date": "2026-03-04", "start": "09:00", "end": "10:00"}, asDryRun))
		requireInside(t, s.post("carla", at+"/moves", object{"date": "2026-03-04", "start": "10:00", "end": "11:00"}), booked)
		s.send("carla", http.MethodDelete, at+"/exceptions/2026-03-04", nil).done()
		requireInside(t, s.post("carla", at+"/change", object{"from": "2026-03-04", "start": "13:00", "end": "14:00"}, asDryRun), booked)
		requireInside(t, s.post("carla", at+"/end", object{"lastDate": "2026-03-03"}), booked)
	})
	s.run(t, "of the whole practice, when online booking is switched off", func(t *testing.T) {
		off := s.put("olivia", s.path("/booking-policy/online"), object{"on": false}).done()
		require.Equal(t, 2, *off.AppointmentsTotal)
		require.Equal(t, booked, off.Appointments[0].ID)
	})
}

func TestFoundB8_TheReceiptOfAClosingNamesTheAppointmentsThatStand(t *testing.T) {
	p := newStack(t).found("olivia", true)
	p.allow("olivia", "chart.create", "group")
	s := &surgery{practice: p, ada: p.open("olivia", "Ada", "Abbott", "olivia")}
	s.kind = s.post("olivia", s.path("/appointment-types"), object{"name": "Follow-up", "lengthMin": 45, "paddingMin": 15}).done().ID
	later := s.byStaff("olivia", s.ada, "2026-03-05T18:00:00Z").done().ID
	first := s.byStaff("olivia", s.ada, "2026-03-04T14:00:00Z").done().ID
	s.settle()
	sum := sha256.Sum256(s.get("olivia", s.path("/charts.csv")).body)
	body := object{"exportManifestHash": hex.EncodeToString(sum[:])}
	s.run(t, "in the dry run as in earnest", func(t *testing.T) {
		for _, options := range [][]option{{asDryRun}, {key("end")}} {
			r := s.post("olivia", s.path("/close"), body, options...).receipt()
			require.NotNil(t, r.AppointmentsTotal)
			require.Equal(t, 2, *r.AppointmentsTotal)
			require.Equal(t, first, r.Appointments[0].ID)
			require.Equal(t, "2026-03-04T14:00:00Z", r.Appointments[0].Start)
			require.Equal(t, later, r.Appointments[1].ID)
		}
	})
}

func TestFoundB9_OnePatientCannotTakeAllTimes(t *testing.T) {
	s := newSurgery(t)
	s.reserve(object{"firstDate": "2026-03-04", "start": "13:00", "end": "17:00", "repeat": object{"frequency": "weekly", "days": []string{"mon", "tue", "wed", "thu", "fri"}}})
	s.run(t, "two a day, unless the practice says otherwise", func(t *testing.T) {
		var policy struct {
			PatientLimits struct{ Upcoming, PerDay int }
		}
		s.get("carla", s.path("/booking-policy")).into(&policy)
		require.Equal(t, 12, policy.PatientLimits.Upcoming)
		require.Equal(t, 2, policy.PatientLimits.PerDay)
		s.online("carla", "2026-03-04T14:00:00Z").done()
		s.online("carla", "2026-03-04T15:00:00Z").done()
		s.online("carla", "2026-03-04T16:00:00Z").refused(unprocessable, "too_many_that_day")
	})
	s.run(t, "moving to a full day is held to it; within the day it is not one more", func(*testing.T) {
		other := s.online("carla", "2026-03-05T18:00:00Z").done().ID
		move := s.portal(s.ada, "/appointments/", other, "/reschedule")
		s.post("pat", move, object{"start": "2026-03-04T16:00:00Z", "policyVersionShown": 1}).refused(unprocessable, "too_many_that_day")
		s.post("pat", move, object{"start": "2026-03-05T19:00:00Z", "policyVersionShown": 1}).done()
	})
	s.run(t, "so many in all, which the practice sets; what the staff book does not count", func(*testing.T) {
		s.put("olivia", s.path("/booking-policy/patient-limits"), object{"upcoming": 4, "perDay": 0}).done()
		s.byStaff("carla", s.ada, "2026-03-06T18:00:00Z").done()
		s.online("carla", "2026-03-04T16:00:00Z").done()
		s.online("carla", "2026-03-06T19:00:00Z").refused(unprocessable, "too_many_upcoming")
		s.byStaff("carla", s.ada, "2026-03-06T19:00:00Z").done()
		s.put("olivia", s.path("/booking-policy/patient-limits"), object{"upcoming": 0, "perDay": 0}).done()
		s.online("carla", "2026-03-06T20:00:00Z").done()
	})
}

func TestFoundB10_ACalendarIsInItsCliniciansZone(t *testing.T) {
	s := newSurgery(t)
	type zone struct{ Zone, SetBy string }
	is := func(t *testing.T, want zone) {
		t.Helper()
		var found zone
		s.get("carla", s.calendar("carla", "/zone")).into(&found)
		require.Equal(t, want, found)
	}
	s.run(t, "BKG-A4 the practice's, else the branch's, else the clinician's own", func(t *testing.T) {
		is(t, zone{"America/New_York", "practice"})
		s.put("olivia", s.path("/branches/", s.branch, "/zone"), object{"zone": "America/Chicago"}).done()
		is(t, zone{"America/Chicago", "branch"})
		s.put("carla", s.calendar("carla", "/zone"), object{"zone": "America/Los_Angeles"}).done()
		is(t, zone{"America/Los_Angeles", "clinician"})
		require.Equal(t, "unchanged", s.put("carla", s.calendar("carla", "/zone"), object{"zone": "America/Los_Angeles"}).receipt().Outcome)
		s.put("carla", s.calendar("carla", "/zone"), object{"zone": "Mars/Olympus"}).refused(http.StatusBadRequest, "zone_unknown")
		s.put("david", s.calendar("carla", "/zone"), object{"zone": "UTC"}).refused(http.StatusForbidden, "permission_denied")
	})
	s.run(t, "BKG-A4 what was reserved keeps its zone; slots, bookings and days asked for are the calendar's", func(t *testing.T) {
		var found slots
		s.get("carla", s.calendar("carla", "/slots?from=2026-03-03&to=2026-03-05&type="+s.kind)).into(&found)
		require.Equal(t, "America/Los_Angeles", found.Zone)
		require.Equal(t, "04T06:00 04T07:00 04T08:00", found.times())
		require.Equal(t, "2026-03-04T14:00:00Z", found.Slots[0].Start)
		s.reserve(object{"firstDate": "2026-03-05", "start": "21:00", "end": "22:00", "repeat": object{"frequency": "once"}})
		booked := s.online("carla", "2026-03-06T05:00:00Z").done().ID
		var one struct{ LocalDate, LocalTime, Zone string }
		s.get("carla", s.calendar("carla", "/appointments/"+booked)).into(&one)
		require.Equal(t, struct{ LocalDate, LocalTime, Zone string }{"2026-03-05", "21:00", "America/Los_Angeles"}, one)
		var list struct{ Appointments []struct{ ID string } }
		s.get("carla", s.path("/appointments?from=2026-03-05&to=2026-03-05&clinician=", s.members["carla"])).into(&list)
		require.Len(t, list.Appointments, 1)
	})
	s.run(t, "BKG-A4 and back again", func(t *testing.T) {
		s.put("carla", s.calendar("carla", "/zone"), object{"zone": nil}).done()
		is(t, zone{"America/Chicago", "branch"})
		s.put("olivia", s.path("/branches/", s.branch, "/zone"), object{"zone": nil}).done()
		is(t, zone{"America/New_York", "practice"})
	})
}

func TestFoundB11_ABookingSaysByWhichRulesOfItsZone(t *testing.T) {
	s := newSurgery(t)
	booked := s.online("carla", "2026-03-04T14:00:00Z").done().ID
	var one struct{ TzdbVersion string }
	s.get("carla", s.calendar("carla", "/appointments/"+booked)).into(&one)
	require.Equal(t, "rules-41fab8839752", one.TzdbVersion)
}

func TestFoundB12_SlotsComeInPagesOfDays(t *testing.T) {
	s := newSurgery(t)
	s.put("olivia", s.path("/booking-policy/window"), object{"cutoff": object{"n": 0, "unit": "min"}, "horizonDays": 90}).done()
	kind := s.post("olivia", s.path("/appointment-types"), object{"name": "Call", "lengthMin": 5}).done().ID
	s.reserve(object{"firstDate": "2026-03-01", "start": "00:00", "end": "24:00", "repeat": object{"frequency": "weekly", "days": []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}}})
	next, total, pages := "2026-03-03", 0, 0
	for next != "" {
		var page struct {
			Slots    []struct{ LocalDate string }
			NextFrom string
		}
		a := s.get("carla", s.calendar("carla", "/slots?type="+kind+"&to=2026-05-03&from="+next))
		a.into(&page)
		require.LessOrEqual(t, len(page.Slots), 1000)
		require.Less(t, len(a.body), 150_000)
		if total > 0 {
			require.Equal(t, next, page.Slots[0].LocalDate)
		}
		next, total, pages = page.NextFrom, total+len(page.Slots), pages+1
	}
	// 62 days of 288 starts, less the hour that the clocks skip on 8 March.
	require.Equal(t, 62*288-12, total)
	require.Equal(t, 21, pages)
}
