package household

import (
	"time"

	"praxis/domain/careteam"
	"praxis/domain/es"
	"praxis/domain/id"
)

// Event is a fact in the life of a household. The stream names the group and the
// household; the envelope says who did it and when.
//
//sumtype:decl
type Event interface{ isEvent() }

// Created says that a household was made, and how its primary was found (H-5).
type Created struct {
	Household   id.Household         `json:"household"`
	Group       id.Group             `json:"group"`
	Name        string               `json:"name" personal:"true"`
	Primary     id.Member            `json:"primary"`
	PrimaryRule careteam.PrimaryRule `json:"primaryRule"`
}

// Renamed says what the household is called from now on.
type Renamed struct {
	Name string `json:"name" personal:"true"`
}

// PersonAdded says that somebody belongs to the household: the patient of a chart, or a
// person whom the name says.
type PersonAdded struct {
	Person   id.Person `json:"person"`
	Chart    id.Chart  `json:"chart,omitzero"`
	Name     string    `json:"name" personal:"true"`
	Relation string    `json:"relation" personal:"true"`
}

// PersonRemoved says that somebody does not belong to the household any more.
type PersonRemoved struct {
	Person id.Person `json:"person"`
}

// ChartLinked says that a chart belongs to the household, and whether the household's team
// has access to it (AMB-16). It is said again when that changes.
type ChartLinked struct {
	Chart       id.Chart `json:"chart"`
	InheritTeam bool     `json:"inheritTeam"`
}

// ChartUnlinked says that a chart does not belong to the household any more.
type ChartUnlinked struct {
	Chart id.Chart `json:"chart"`
}

// PrimaryProfessionalChanged says that another clinician is the primary. It is one fact,
// so no revision has two primaries or none (H-2).
type PrimaryProfessionalChanged struct {
	From id.Member `json:"from"`
	To   id.Member `json:"to"`
	// FormerBecomes is the role that the former primary keeps on the team; empty: they left it.
	FormerBecomes careteam.Role `json:"formerBecomes,omitempty"`
	// Removal names the removal of the former primary that the change carries out (AMB-14).
	Removal id.Event `json:"removal,omitzero"`
}

// SecondaryProfessionalSet says which clinician of the team stands in for the primary.
type SecondaryProfessionalSet struct {
	Member id.Member `json:"member"`
}

// SecondaryProfessionalCleared says that no clinician stands in for the primary.
type SecondaryProfessionalCleared struct {
	Member id.Member `json:"member"`
}

// TeamMemberAdded says that someone has access to the household now (H-4).
type TeamMemberAdded struct {
	Member id.Member       `json:"member"`
	Role   careteam.Role   `json:"role"`
	Window careteam.Window `json:"window,omitzero"`
}

// TeamRoleChanged says that someone on the team has another role now (H-6).
type TeamRoleChanged struct {
	Member id.Member     `json:"member"`
	From   careteam.Role `json:"from"`
	To     careteam.Role `json:"to"`
}

// TeamWindowChanged says that a place on the team holds for another time from now on.
type TeamWindowChanged struct {
	Member id.Member       `json:"member"`
	From   careteam.Window `json:"from"`
	To     careteam.Window `json:"to"`
}

// TeamMemberRemoved says that someone's access to the household ended.
type TeamMemberRemoved struct {
	Member   id.Member     `json:"member"`
	LastRole careteam.Role `json:"lastRole"`
	// Removal names the removal with which the member had left the practice by then.
	Removal id.Event `json:"removal,omitzero"`
	// Reason is careteam.Ended where the place was over before.
	Reason string `json:"reason,omitempty"`
}

// TransferOffered says that the household is to go to another practice, if a patient of it
// confirms that before ExpiresAt, UTC (H-7).
type TransferOffered struct {
	To        string    `json:"to" personal:"true"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// TransferConfirmed says that the patient of a linked chart, or who speaks for them, agrees.
type TransferConfirmed struct {
	Chart   id.Chart   `json:"chart"`
	Account id.Account `json:"account"`
}

// TransferWithdrawn says that the household is not to go to another practice.
type TransferWithdrawn struct{}

// TransferLapsed says that no patient confirmed in time (H-7).
type TransferLapsed struct {
	ExpiresAt time.Time `json:"expiresAt"`
}

// TransferredOut says that another practice looks after the household from now on. The
// charts stay where they are; the household's team has no access over it any more.
type TransferredOut struct{}

// Dissolved says that the household is none any more.
type Dissolved struct{}

// SummaryPrinted says that a summary of the household was printed, as of which revision of
// it, and who was its primary then (H-3). What it holds is all that a reprint needs.
type SummaryPrinted struct {
	Summary  id.Document `json:"summary"`
	Revision es.Revision `json:"revision"`
	Primary  id.Member   `json:"primary"`
	// Charts are those whose patients it names.
	Charts []id.Chart `json:"charts,omitempty"`
	// SHA256 is that of the document's bytes, in hexadecimal digits.
	SHA256 string  `json:"sha256"`
	Shown  Summary `json:"shown" personal:"true"`
}

func (Created) isEvent()                      {}
func (Renamed) isEvent()                      {}
func (PersonAdded) isEvent()                  {}
func (PersonRemoved) isEvent()                {}
func (ChartLinked) isEvent()                  {}
func (ChartUnlinked) isEvent()                {}
func (PrimaryProfessionalChanged) isEvent()   {}
func (SecondaryProfessionalSet) isEvent()     {}
func (SecondaryProfessionalCleared) isEvent() {}
func (TeamMemberAdded) isEvent()              {}
func (TeamRoleChanged) isEvent()              {}
func (TeamWindowChanged) isEvent()            {}
func (TeamMemberRemoved) isEvent()            {}
func (TransferOffered) isEvent()              {}
func (TransferConfirmed) isEvent()            {}
func (TransferWithdrawn) isEvent()            {}
func (TransferLapsed) isEvent()               {}
func (TransferredOut) isEvent()               {}
func (Dissolved) isEvent()                    {}
func (SummaryPrinted) isEvent()               {}

// Events lists the event types of households with their wire names and versions.
func Events() []es.Row {
	return []es.Row{
		es.Define[Created]("household.created", 1),
		es.Define[Renamed]("household.renamed", 1),
		es.Define[PersonAdded]("household.person_added", 1),
		es.Define[PersonRemoved]("household.person_removed", 1),
		es.Define[ChartLinked]("household.chart_linked", 1),
		es.Define[ChartUnlinked]("household.chart_unlinked", 1),
		es.Define[PrimaryProfessionalChanged]("household.primary_professional_changed", 1),
		es.Define[SecondaryProfessionalSet]("household.secondary_professional_set", 1),
		es.Define[SecondaryProfessionalCleared]("household.secondary_professional_cleared", 1),
		es.Define[TeamMemberAdded]("household.team_member_added", 1),
		es.Define[TeamRoleChanged]("household.team_role_changed", 1),
		es.Define[TeamWindowChanged]("household.team_window_changed", 1),
		es.Define[TeamMemberRemoved]("household.team_member_removed", 1),
		es.Define[TransferOffered]("household.transfer_offered", 1),
		es.Define[TransferConfirmed]("household.transfer_confirmed", 1),
		es.Define[TransferWithdrawn]("household.transfer_withdrawn", 1),
		es.Define[TransferLapsed]("household.transfer_lapsed", 1),
		es.Define[TransferredOut]("household.transferred_out", 1),
		es.Define[Dissolved]("household.dissolved", 1),
		es.Define[SummaryPrinted]("household.summary_printed", 1),
	}
}
