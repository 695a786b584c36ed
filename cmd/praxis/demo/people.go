// Package demo is a believable practice to look at: Harbor Psychiatry, with two
// branches, ten members, a subscription on trial, two hundred charts, a quarter
// of billing and a calendar per clinician. It is loaded through the HTTP API like anybody's data,
// is the same on every machine, and all of its people are invented. Of Praxis it
// imports domain/es only.
package demo

import "strings"

// Person is somebody of the demo who can sign in.
type Person struct {
	// Subject is the name at the development issuer.
	Subject, Name, Email, Description string
	role                              string
	isClinician                       bool
	// branch is "main" or "riverside".
	branch string
	// clinicians are the subjects whom a manager manages or an assistant assists.
	clinicians []string
	// profession and plan are a clinician's kind of work and licence.
	profession, plan string
	// isTrainee is whether they have a proof of training for a licence at no price.
	isTrainee bool
}

// isBookedOnline reports whether the plan includes online booking.
func (p Person) isBookedOnline() bool { return strings.HasSuffix(p.plan, "_premium") }

// People returns everybody to sign in as: the owner first, a patient last.
func People() []Person {
	return append([]Person{owner}, append(staff(), patient)...)
}

var owner = Person{
	Subject: "olivia", Name: "Olivia Harbor", Email: "olivia@harbor.example", role: "owner", branch: "main",
	Description: "Owner of Harbor Psychiatry. Sees and manages everything; treats no patients herself.",
}

var patient = Person{
	Subject: "pat", Name: "Pat Quill", Email: "pat@mail.example",
	Description: "A patient of Dr. Carla Reyes. Sees open slots, books, moves and cancels online.",
}

// denied is the clinician to whom the owner denies what others of the role may do.
var denied = Person{
	Subject: "farid", Name: "Farid Nasser", Email: "farid@harbor.example", role: "user", isClinician: true, branch: "riverside",
	profession: therapist, plan: "therapist_premium",
	Description: "Clinician at Riverside, managed by Emma. Other clinicians may export their rosters; he is denied it.",
}

// deniedCapability is what is denied.
const deniedCapability = "roster.export"

// The professions of clinicians, which say what plans are open to them.
const (
	therapist  = "therapist"
	prescriber = "prescriber"
)

// staff are the members besides the owner, in an order in which each can be
// invited: managers and assistants after those they work for.
func staff() []Person {
	return []Person{
		{Subject: "sam", Name: "Sam Okafor", Email: "sam@harbor.example", role: "super_admin", branch: "main", Description: "Super admin. Rosters, branches and the booking policy; more where the owner delegated it, such as licences and proofs of training."},
		{Subject: "carla", Name: "Dr. Carla Reyes", Email: "carla@harbor.example", role: "user", isClinician: true, branch: "main", profession: prescriber, plan: "prescriber_premium", Description: "Clinician and prescriber. Her own charts, calendar and billing."},
		{Subject: "david", Name: "David Lindqvist", Email: "david@harbor.example", role: "user", isClinician: true, branch: "main", profession: therapist, plan: "therapist_premium", Description: "Clinician. His own charts, calendar and billing."},
		{Subject: "toni", Name: "Toni Abara", Email: "toni@harbor.example", role: "user", isClinician: true, branch: "main", profession: therapist, plan: "therapist_basic", isTrainee: true, Description: "Psychology intern, managed by Maria. No charts yet; the licence costs nothing while the proof of training holds."},
		denied,
		{Subject: "emma", Name: "Emma Tanaka", Email: "emma@harbor.example", role: "manager", isClinician: true, branch: "riverside", clinicians: []string{denied.Subject}, profession: therapist, plan: "therapist_premium", Description: "Manager of the Riverside branch: a practising clinician who also manages Farid."},
		{Subject: "maria", Name: "Dr. Maria Bell", Email: "maria@harbor.example", role: "manager", isClinician: true, branch: "main", clinicians: []string{"carla", "david", "toni"}, profession: prescriber, plan: "erx_lite", Description: "Manager: a practising prescriber who also manages Carla, David and Toni. Her plan is e-Rx lite, so patients book with her by telephone."},
		{Subject: "alex", Name: "Alex Moreau", Email: "alex@harbor.example", role: "assistant", branch: "main", clinicians: []string{"carla", "maria"}, Description: "Assistant of Carla and Maria, granted their rosters and calendars."},
		{Subject: "bea", Name: "Bea Novak", Email: "bea@harbor.example", role: "assistant", branch: "riverside", clinicians: []string{"emma"}, Description: "Assistant of Emma. No permission was granted to her yet: see what a refusal looks like."},
	}
}
