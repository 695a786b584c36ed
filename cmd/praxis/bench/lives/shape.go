package lives

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"praxis/domain/access"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// Shape says what a practice is like.
type Shape struct {
	// Clinicians treat patients, the owner among them; Managers and Assistants work for
	// some of them each. Invited have not answered yet.
	Clinicians, Managers, Assistants, Invited int
	// Charts is the number of patients, spread evenly over the clinicians; Visits how
	// often each of them comes.
	Charts, Visits int
	// Months of licences and charges have passed before Began.
	Months int
	// Changes has every chart change hands and come back.
	Changes bool
	// Days are those before Began over which the first visits are spread.
	Days int
	// Began is when the patients were taken on; the first appointments are then (UTC).
	Began time.Time
	// Grants are what every clinician may do for the whole practice.
	Grants []access.Capability
	// Plan is that of every clinician's licence.
	Plan pricing.PlanID
	// Account is who signs in as the n-th member; nil makes accounts up.
	Account func(n int) id.Account
	// Patient is who signs in as the patient of one of the owner's charts; zero for none.
	Patient id.Account
}

// PatientChart is which of the owner's charts is the patient's: one with an appointment
// that is among the last, and neither cancelled nor archived.
func (s Shape) PatientChart() int {
	last := s.Charts/s.Clinicians - 1
	return last - last%30
}

// usual is the practice that Of tells of.
var usual = Shape{
	Clinicians: 10, Charts: 200, Visits: 7, Months: 24, Changes: true, Days: 1,
	Began:  time.Date(2025, 1, 6, 15, 0, 0, 0, time.UTC),
	Grants: []access.Capability{access.RosterView, access.BillingView, access.ChartArchive},
	Plan:   pricing.TherapistBasic,
}

// Group is the id of the n-th practice.
func Group(n int) id.Group { return id.Derive[id.Group]("bench", strconv.Itoa(n)) }

// Named derives an id of a practice from what it is called there.
func Named[I ~[16]byte](g id.Group, parts ...any) I {
	return id.Derive[I](g.String(), fmt.Sprint(parts...))
}

// Member is the n-th member of a practice: the clinicians first, of whom the owner is
// the first, then the managers, then the assistants.
func Member(g id.Group, n int) id.Member { return Named[id.Member](g, "clinician", n) }

// Chart is the p-th chart of the n-th clinician.
func Chart(g id.Group, n, p int) id.Chart { return Named[id.Chart](g, "chart", n, p) }

// Visit is what happened at the v-th visit to a chart, as an id of one kind: "charge",
// "invoice", "payment" or "appointment".
func Visit[I ~[16]byte](g id.Group, what string, c id.Chart, v int) I { return Named[I](g, what, c, v) }

// VisitType is the type of all appointments of a practice.
func VisitType(g id.Group) id.AppointmentType { return Named[id.AppointmentType](g, "visit") }

var (
	given  = strings.Fields("Mia Noah Léa Omar Ida Jun Zoë Paul Ana Ben Ewa Finn Gül Hugo Inès Jan Kai Lena Max Nora")
	first  = strings.Fields("Love Brook Ash Stone Fair Wood Hart Lang Mar Nor Oak Pem Quill Red Sand Thorn Under Vale West York")
	second = strings.Fields("lace field ford well ton by man son berg dale ham ley mere shaw wick worth stein gard hill bridge")
)

// name is the invented name of the n-th patient of a practice.
func name(n int) (givenName, familyName string) {
	return given[n%len(given)], first[n/20%len(first)] + second[n/400%len(second)]
}
