package chart

import (
	"cmp"
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Status says whether the patient is being treated. It is independent of
// whether the chart is archived (AMB-17).
type Status string

// The statuses of a chart.
const (
	Active   Status = "active"
	Inactive Status = "inactive"
)

// ParseStatus reads a status. Fault: "unknown_status".
func ParseStatus(s string) (Status, error) {
	if st := Status(s); st == Active || st == Inactive {
		return st, nil
	}
	return "", fault.New(fault.Invalid, "unknown_status", "The status of a chart must be active or inactive.")
}

// State is a chart at one revision.
type State struct {
	Chart   id.Chart
	Group   id.Group
	Patient Demographics
	Branch  id.Branch
	Status  Status
	// Archived charts are read-only: only the team, the primary and access may change.
	Archived bool
	// ArchiveForced reports that it was archived whatever appointments lie ahead.
	ArchiveForced bool
	// InCustody reports that the member in the primary's place keeps the chart
	// without treating, because the practice had no clinician (AMB-14).
	InCustody bool
	// PatientAccounts are the accounts that may act for the patient, in the order they were linked.
	PatientAccounts []PatientAccount
	// PatientInvitations are the invitations to the portal, open or not, in the order they were sent.
	PatientInvitations []PatientInvitation
	// Contacts are the people on the chart beside the patient, in the order they were added.
	Contacts []Contact
	// Responsible is who answers for the patient's bills and consents.
	Responsible Responsible

	team   careteam.Team
	former careteam.FormerPlaces
	// planned is the change of the primary that is to come, if one is. Most charts have none.
	planned *careteam.PlannedPrimary
	guard   Guarded
	// glass are all times in which members broke the glass, in the order in which they did.
	glass []Glass
	// alike is what the chart has to do with others that look alike; nil for nothing, as of most.
	alike *alike
	// household is what the chart has to do with one; nil for nothing. Most charts have none.
	household *inHousehold
}

// Aggregate says how the events of a chart fold.
func Aggregate() es.Aggregate[State, Event] {
	return es.Aggregate[State, Event]{Category: Category, New: func() State { return State{} }, Evolve: Evolve}
}

// Evolve applies one event. It never changes what earlier copies of the state hold.
func Evolve(s *State, e Event) {
	s.guard.Apply(e)
	switch e := e.(type) {
	case Created:
		s.Chart, s.Group, s.Branch, s.Status = e.Chart, e.Group, e.Branch, Active
		s.Patient = Demographics{GivenName: e.GivenName, FamilyName: e.FamilyName, BirthDate: e.BirthDate, Email: e.Email, Phone: e.Phone}
		s.team = careteam.Of(e.Primary)
	case DemographicsUpdated:
		s.Patient = Demographics(e)
	case PrimaryProfessionalChanged:
		s.team, s.InCustody = s.team.Reassign(e.To, e.FormerBecomes).Bounded(e.From, e.FormerWindow), false
		s.primaryLost(careteam.FormerPlace{Member: e.From, Removal: e.Removal, To: e.To, ToWas: e.ToWas, ToWindow: e.ToWindow})
		s.own(e.To)
	case PlacedInCustody:
		s.own(e.Custodian)
		s.team, s.InCustody = s.team.Reassign(e.Custodian, ""), true
		s.primaryLost(careteam.FormerPlace{Member: e.From, Removal: e.Removal, To: e.Custodian, ToWas: e.CustodianWas, ToWindow: e.CustodianWindow})
	case PrimaryChangePlanned:
		s.planned = &e.PlannedPrimary
	case PrimaryChangeCancelled, PrimaryChangeLapsed:
		s.planned = nil
	case TeamMemberAdded:
		s.team, s.former = s.team.With(e.Member, e.Role).Bounded(e.Member, e.Window), s.former.Regained(e.Member)
		s.givenBy(e.Household, e.Member)
	case TeamRoleChanged:
		s.team = s.team.With(e.Member, e.To)
	case TeamWindowChanged:
		s.team = s.team.Bounded(e.Member, e.To)
	case TeamMemberRemoved:
		s.own(e.Member)
		s.team = s.team.Without(e.Member)
		s.former = s.former.Lost(careteam.FormerPlace{Member: e.Member, Removal: e.Removal, Role: e.LastRole, Window: e.Window})
	case BranchChanged:
		s.Branch = e.To
	case StatusChanged:
		s.Status = e.To
	case Archived:
		s.Archived, s.ArchiveForced = true, e.Forced
	case Unarchived:
		s.Archived, s.ArchiveForced, s.Status = false, false, e.Status
	case PatientAccountLinked:
		s.patientLinked(e)
	case PatientAccountUnlinked:
		s.PatientAccounts = slices.DeleteFunc(slices.Clone(s.PatientAccounts), func(a PatientAccount) bool { return a.Account == e.Account })
	case PatientAccessChanged:
		s.PatientAccounts = altered(s.PatientAccounts, func(a *PatientAccount) {
			if a.Account == e.Account {
				a.Relation, a.May, a.Until = e.Relation, e.May, e.Until
			}
		})
	case PatientInvited:
		s.PatientInvitations = append(slices.Clip(s.PatientInvitations), PatientInvitation{
			ID: e.Invitation, Address: e.Address, Relation: e.Relation, May: e.May, Until: e.Until,
			TokenHash: e.TokenHash, InvitedBy: e.InvitedBy, ExpiresAt: e.ExpiresAt,
		})
	case PatientInvitationResent:
		s.invitation(e.Invitation, func(i *PatientInvitation) { i.TokenHash, i.ExpiresAt = e.TokenHash, e.ExpiresAt })
	case PatientInvitationRevoked:
		s.invitation(e.Invitation, func(i *PatientInvitation) { i.Closed = true })
	case PatientInvitationExpired:
		s.invitation(e.Invitation, func(i *PatientInvitation) { i.Closed = true })
	case ContactSaved:
		s.save(Contact{e.Contact, ContactDetails{e.Name, e.Relation, e.Phone, e.Email, e.Emergency, e.MayBeCalled}})
	case ContactRemoved:
		s.Contacts = slices.DeleteFunc(slices.Clone(s.Contacts), func(c Contact) bool { return c.ID == e.Contact })
	case ResponsiblePartyNamed:
		s.Responsible = Responsible(e)
	case ResponsiblePartyCleared:
		s.Responsible = Responsible{}
	case BreakGlassOpened:
		s.glass = append(slices.Clip(s.glass), Glass{BrokenGlass: access.BrokenGlass{Member: e.Member, Until: e.ExpiresAt, Event: e.Glass}})
	case BreakGlassClosed:
		s.glassChanged(e.Glass, func(g *Glass) { g.Closed = true })
	case BreakGlassReviewed:
		s.glassChanged(e.Glass, func(g *Glass) { g.Reviewed = e.Verdict })
	case MergedInto:
		s.mergedInto(e)
	case MergeUndone:
		s.mergeUndone(e)
	case MergedFrom:
		s.alikeChanged(func(a *alike) { a.sources = append(slices.Clip(a.sources), Source{e.Merge, e.Source}) })
	case UnmergedFrom:
		s.unmergedFrom(e)
	case ToldApart:
		s.alikeChanged(func(a *alike) { a.apart = append(slices.Clip(a.apart), e.From...) })
	case Restricted, RestrictionLifted, MemberExcluded, MemberReadmitted: // The guard's.
	case HouseholdJoined:
		s.householdChanged(func(h *inHousehold) { h.joined = e.Household })
	case HouseholdLeft:
		s.householdChanged(func(h *inHousehold) { h.joined = id.Household{} })
	case HouseholdTeamsDeclined:
		s.householdChanged(func(h *inHousehold) { h.declines = true })
	case HouseholdTeamsAllowed:
		s.householdChanged(func(h *inHousehold) { h.declines = false })
	}
}

// primaryLost notes that somebody got the place of the primary.
func (s *State) primaryLost(p careteam.FormerPlace) {
	p.Role, s.planned = careteam.Primary, nil
	s.former = s.former.Reassigned(p.To).Lost(p)
}

// Exists reports whether the chart was created.
func (s State) Exists() bool { return !s.Chart.IsZero() }

// Primary returns the one responsible clinician, to whom the chart is assigned
// (AMB-16); the zero id before creation.
func (s State) Primary() id.Member { return s.team.Primary() }

// Team returns the care team.
func (s State) Team() careteam.Team { return s.team }

// Planned returns the change of the primary that is to come; zero if none is.
func (s State) Planned() careteam.PlannedPrimary {
	if s.planned == nil {
		return careteam.PlannedPrimary{}
	}
	return *s.planned
}

// Treats reports whether a member is the primary, or has a place on the care team at the
// instant at.
func (s State) Treats(m id.Member, at time.Time) bool {
	return m == s.Primary() || slices.ContainsFunc(s.team.Places(), func(p access.Place) bool { return p.Member == m && p.Holds(at) })
}

// Former returns the places on the team that members lost because they left.
func (s State) Former() careteam.FormerPlaces { return s.former }

// Resource returns the chart as what access is decided over.
func (s State) Resource(group id.Group) access.Resource {
	return access.Resource{Group: group, Clinician: s.Primary(), Branch: s.Branch, Team: s.team.Places(), Chart: s.Chart, Guard: s.Guard()}
}

// writable says whether what the chart holds may change.
func (s State) writable() error {
	return cmp.Or(fault.When(!s.Exists(), errNotFound), fault.When(!s.Merged().IsZero(), ErrMerged), fault.When(s.Archived, errArchived))
}

var (
	errNotFound = fault.New(fault.NotFound, "chart_not_found", "There is no such chart.")
	errArchived = fault.New(fault.Rejected, "chart_archived", "This chart is archived and read-only. Unarchive it first.")
)
