package demo

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// chartCount is the number of charts of the demo.
const chartCount = 200

// plan is everything that the demo will ask for, decided before it begins: the
// same for the same day, on every machine.
type plan struct {
	today  time.Time
	charts []chartPlan
	types  []typePlan
}

// chartPlan is one patient with a quarter of sessions.
type chartPlan struct {
	clinician          string
	given, family      string
	birthDate, phone   string
	inactive, archived bool
	months             []monthPlan
	appointment        int // days from today of a coming appointment, 0 for none
	appointmentHour    int
	isPat              bool
}

// monthPlan is one month of a patient's sessions and how it was paid.
type monthPlan struct {
	sessions []session
	// invoice is the day of the invoice; empty while the month is not invoiced yet.
	invoice string
	// paid is what was received on paidOn, in cents; 0 for nothing yet.
	paid   int64
	paidOn string
}

// session is one billable session.
type session struct {
	date, code string
	cents      int64
}

func (m monthPlan) total() (sum int64) {
	for _, s := range m.sessions {
		sum += s.cents
	}
	return sum
}

// typePlan is a type of appointment.
type typePlan struct {
	name            string
	length, padding int
}

const day = "2006-01-02"

// newPlan decides everything as of a day.
func newPlan(today time.Time) plan {
	p := plan{today: today, types: []typePlan{{"Medication management", 30, 15}, {"Psychotherapy", 45, 15}}}
	random := rand.New(rand.NewPCG(2026, 11)) //nolint:gosec // a fixed seed, so that every demo is the same
	clinicians := []string{"carla", "david", "emma", "farid", "maria"}
	for i := range chartCount {
		given, family := nameOf(i)
		c := chartPlan{
			clinician: clinicians[i%len(clinicians)], given: given, family: family,
			birthDate: today.AddDate(-12-random.IntN(70), 0, -random.IntN(360)).Format(day),
			phone:     fmt.Sprintf("555-%04d", 100+i),
			inactive:  i%17 == 16, archived: i%41 == 40,
		}
		if i == 0 {
			c.given, c.family, c.isPat = "Pat", "Quill", true
		}
		c.months = months(today, random)
		if i%3 == 0 && !c.inactive && !c.archived {
			c.appointment, c.appointmentHour = 1+random.IntN(20), 9+random.IntN(7)
		}
		p.charts = append(p.charts, c)
	}
	return p
}

// months plans the three months before today: the last is not invoiced yet, of
// the others some are paid in full, some in part, some late or not at all.
func months(today time.Time, random *rand.Rand) []monthPlan {
	var all []monthPlan
	for back := 3; back >= 1; back-- {
		start := today.AddDate(0, -back, 0)
		var m monthPlan
		for week := range 1 + random.IntN(3) {
			s := session{date: start.AddDate(0, 0, 7*week+random.IntN(5)).Format(day), code: "90834", cents: 16500}
			if random.IntN(3) == 0 {
				s.code, s.cents = "99214", 14500
			}
			m.sessions = append(m.sessions, s)
		}
		if back > 1 {
			m.invoice = start.AddDate(0, 0, 27).Format(day)
			m.paidOn = start.AddDate(0, 0, 29).Format(day)
			switch random.IntN(10) {
			case 0, 1:
				// Nothing yet: unpaid, and overdue if it is old enough.
			case 2, 3:
				m.paid = m.total() / 2
			case 4:
				m.paid = m.total() + 5000 // overpaid: the rest is credit
			default:
				m.paid = m.total()
			}
		}
		all = append(all, m)
	}
	return all
}
