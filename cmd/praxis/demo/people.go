// Package demo is a believable practice to look at: Harbor Psychiatry, with two
// branches, nine members, two hundred charts, a quarter of billing and a
// calendar per clinician. It is loaded through the HTTP API like anybody's data,
// is the same on every machine, and all of its people are invented. It imports
// the standard library only.
package demo

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
}

// People returns everybody to sign in as: the owner first, a patient last.
func People() []Person {
	return append([]Person{owner}, append(staff(), patient)...)
}

var owner = Person{
	Subject: "olivia", Name: "Olivia Harbor", Email: "olivia@harbor.example", role: "owner", branch: "main",
	Description: "Owner of Harbor Psychiatry. Sees and manages everything; treats nobody herself.",
}

var patient = Person{
	Subject: "pat", Name: "Pat Quill", Email: "pat@mail.example",
	Description: "A patient of Dr. Carla Reyes. Sees open slots, books, moves and cancels online.",
}

// staff are the members besides the owner, in an order in which each can be
// invited: managers and assistants after those they work for.
func staff() []Person {
	return []Person{
		{Subject: "sam", Name: "Sam Okafor", Email: "sam@harbor.example", role: "super_admin", branch: "main", Description: "Super admin. Rosters, branches and the booking policy; more where the owner delegated it."},
		{Subject: "carla", Name: "Dr. Carla Reyes", Email: "carla@harbor.example", role: "user", isClinician: true, branch: "main", Description: "Clinician. Her own charts, calendar and billing."},
		{Subject: "david", Name: "David Lindqvist", Email: "david@harbor.example", role: "user", isClinician: true, branch: "main", Description: "Clinician. His own charts, calendar and billing."},
		{Subject: "emma", Name: "Emma Tanaka", Email: "emma@harbor.example", role: "user", isClinician: true, branch: "riverside", Description: "Clinician at Riverside."},
		{Subject: "farid", Name: "Farid Nasser", Email: "farid@harbor.example", role: "user", isClinician: true, branch: "riverside", Description: "Clinician at Riverside."},
		{Subject: "maria", Name: "Dr. Maria Bell", Email: "maria@harbor.example", role: "manager", isClinician: true, branch: "main", clinicians: []string{"carla", "david"}, Description: "Manager: a practising clinician who also manages Carla and David."},
		{Subject: "alex", Name: "Alex Moreau", Email: "alex@harbor.example", role: "assistant", branch: "main", clinicians: []string{"carla", "maria"}, Description: "Assistant of Carla and Maria, granted their rosters and calendars."},
		{Subject: "bea", Name: "Bea Novak", Email: "bea@harbor.example", role: "assistant", branch: "riverside", clinicians: []string{"emma"}, Description: "Assistant of Emma. Nobody has granted her anything yet: see what a refusal looks like."},
	}
}
