package commands

import (
	"context"
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// staff is what a chart needs to know about the members of its group.
type staff []group.Member

func (s staff) find(m id.Member) group.Member {
	i := slices.IndexFunc(s, func(x group.Member) bool { return x.ID == m })
	if i < 0 {
		return group.Member{}
	}
	return s[i]
}

func (s staff) worksIn(m id.Member, b id.Branch) bool { return slices.Contains(s.find(m).Branches, b) }

func (s staff) treats(m id.Member) bool {
	member := s.find(m)
	return member.Active && member.Clinician
}

// chartCase is what all commands on one chart share.
func (e *Engine) chartCase(call Call, c id.Chart, name string, needs access.Capability, command any) useCase[chart.State, chart.Event] {
	return useCase[chart.State, chart.Event]{
		name: name, command: command, capability: needs,
		repository: e.charts, stream: chart.Stream(call.Group, c),
		subject: es.Subject{Group: call.Group, Chart: c},
		resource: func(s chart.State) access.Resource {
			r := s.Resource(call.Group)
			r.OfChart = asItIs(call.Group, s)
			return r
		},
	}
}

// chartCommand decides on the chart alone.
type chartCommand interface {
	Decide(s chart.State, now time.Time) ([]chart.Event, error)
}

// changeChart carries out a command that needs no facts beyond its chart's own.
func (e *Engine) changeChart(ctx context.Context, call Call, c id.Chart, name string, needs access.Capability, command chartCommand) (Receipt, error) {
	u := e.chartCase(call, c, name, needs, command)
	u.decide = command.Decide
	return execute(ctx, e, call, u)
}

// CreateChart opens a chart. Without a named primary the default rule finds one
// (H-5, AMB-16); without a branch the chart belongs to the default branch.
func (e *Engine) CreateChart(ctx context.Context, call Call, c chart.CreateChart) (Receipt, error) {
	c.Group = call.Group
	u := e.chartCase(call, c.Chart, "chart.create", access.ChartCreate, c)
	var opened chart.CreateChart
	// Every attempt finds the defaults anew: the group may have changed.
	u.facts = func(g group.State, actor access.Subject) (err error) {
		opened, err = withDefaults(c, g, actor)
		return err
	}
	// The chart does not exist yet: the permission is asked for the one to be.
	u.resource = func(chart.State) access.Resource {
		return access.Resource{Group: call.Group, Clinician: opened.Primary, Branch: opened.Branch, Chart: c.Chart}
	}
	u.decide = func(s chart.State, now time.Time) ([]chart.Event, error) { return opened.Decide(s, now) }
	return execute(ctx, e, call, u)
}

// withDefaults completes a chart to be with what it leaves open and with the
// facts of the group.
func withDefaults(c chart.CreateChart, g group.State, actor access.Subject) (chart.CreateChart, error) {
	members := staff(g.Members())
	if c.Branch.IsZero() {
		c.Branch = g.DefaultBranch()
	}
	var err error
	if c.PrimaryRule = chart.ByChoice; c.Primary.IsZero() {
		var clinicians []chart.Clinician
		for _, m := range members {
			if members.treats(m.ID) {
				clinicians = append(clinicians, chart.Clinician{Member: m.ID, Joined: m.JoinedAt})
			}
		}
		c.Primary, c.PrimaryRule, err = chart.DefaultPrimary(actor.Member, clinicians)
	}
	branch, known := g.Branch(c.Branch)
	c.BranchIsKnown, c.BranchIsOpen = known, known && !branch.Closed
	c.PrimaryIsActiveClinician = members.treats(c.Primary)
	c.PrimaryIsInBranch = members.worksIn(c.Primary, c.Branch)
	if err == nil {
		c.Zone, err = g.Zone().Load()
	}
	return c, err
}

// AssignClinician gives a chart another primary (C-2).
func (e *Engine) AssignClinician(ctx context.Context, call Call, id id.Chart, c chart.AssignClinician) (Receipt, error) {
	u := e.chartCase(call, id, "chart.assign_clinician", access.ChartAssignClinician, c)
	u.foresee = e.foreseeChart(call, id)
	var members staff
	u.facts = func(g group.State, _ access.Subject) error { members = g.Members(); return nil }
	u.decide = func(s chart.State, now time.Time) ([]chart.Event, error) {
		former := members.find(s.Primary())
		c.ClinicianIsActive, c.ClinicianIsInBranch = members.treats(c.Clinician), members.worksIn(c.Clinician, s.Branch)
		c.FormerIsActive, c.FormerIsClinician = former.Active, former.Clinician
		return c.Decide(s, now)
	}
	return execute(ctx, e, call, u)
}

// AssignBranch moves a chart to another branch (C-2).
func (e *Engine) AssignBranch(ctx context.Context, call Call, id id.Chart, c chart.AssignBranch) (Receipt, error) {
	u := e.chartCase(call, id, "chart.assign_branch", access.ChartAssignBranch, c)
	u.foresee = e.foreseeChart(call, id)
	var members staff
	var open []group.Branch
	u.facts = func(g group.State, _ access.Subject) error {
		members, open = g.Members(), g.Branches()
		branch, known := g.Branch(c.Branch)
		c.BranchIsKnown, c.BranchIsOpen = known, known && !branch.Closed
		return nil
	}
	u.decide = func(s chart.State, now time.Time) ([]chart.Event, error) {
		c.FormerIsClosed = !slices.ContainsFunc(open, func(b group.Branch) bool { return b.ID == s.Branch })
		c.PrimaryIsInBranch = members.worksIn(s.Primary(), c.Branch)
		return c.Decide(s, now)
	}
	return execute(ctx, e, call, u)
}

// ChangeChartStatus makes a chart active or inactive (C-4).
func (e *Engine) ChangeChartStatus(ctx context.Context, call Call, id id.Chart, c chart.ChangeStatus) (Receipt, error) {
	return e.changeChart(ctx, call, id, "chart.change_status", access.ChartStatusChange, c)
}

// ArchiveChart makes a chart read-only (C-4).
func (e *Engine) ArchiveChart(ctx context.Context, call Call, id id.Chart, c chart.Archive) (Receipt, error) {
	return e.changeChart(ctx, call, id, "chart.archive", access.ChartArchive, c)
}

// UnarchiveChart brings a chart back with its prior status (AMB-17).
func (e *Engine) UnarchiveChart(ctx context.Context, call Call, id id.Chart) (Receipt, error) {
	return e.changeChart(ctx, call, id, "chart.unarchive", access.ChartArchive, chart.Unarchive{})
}

// UpdateDemographics replaces what is known about the patient.
func (e *Engine) UpdateDemographics(ctx context.Context, call Call, id id.Chart, c chart.UpdateDemographics) (Receipt, error) {
	u := e.chartCase(call, id, "chart.update_demographics", access.ChartClinicalWrite, c)
	u.facts = func(g group.State, _ access.Subject) (err error) {
		c.Zone, err = g.Zone().Load()
		return err
	}
	u.decide = func(s chart.State, now time.Time) ([]chart.Event, error) { return c.Decide(s, now) }
	return execute(ctx, e, call, u)
}

// LinkPatientAccount lets an account act for the patient.
func (e *Engine) LinkPatientAccount(ctx context.Context, call Call, id id.Chart, c chart.LinkPatientAccount) (Receipt, error) {
	u := e.chartCase(call, id, "chart.link_patient_account", access.AppointmentManage, c)
	u.decide = c.Decide
	u.requires = func(ctx context.Context) error { return e.requireAccount(ctx, c.Account) }
	return execute(ctx, e, call, u)
}

// UnlinkPatientAccount ends what an account may do for the patient.
func (e *Engine) UnlinkPatientAccount(ctx context.Context, call Call, id id.Chart, c chart.UnlinkPatientAccount) (Receipt, error) {
	return e.changeChart(ctx, call, id, "chart.unlink_patient_account", access.AppointmentManage, c)
}

// PlaceInCustody gives a chart to a member who keeps it, where no clinician is
// left (AMB-14).
func (e *Engine) PlaceInCustody(ctx context.Context, call Call, id id.Chart, c chart.PlaceInCustody) (Receipt, error) {
	u := e.chartCase(call, id, "chart.place_in_custody", access.ChartAssignClinician, c)
	u.foresee = e.foreseeChart(call, id)
	u.facts = func(g group.State, _ access.Subject) error {
		m, _ := g.Member(c.Custodian)
		c.CustodianIsActive = m.Active
		_, c.ActiveClinicianExists = g.FirstClinician()
		return nil
	}
	u.decide = func(s chart.State, now time.Time) ([]chart.Event, error) { return c.Decide(s, now) }
	return execute(ctx, e, call, u)
}

// AddTeamMember puts a member on the chart's care team (H-4).
func (e *Engine) AddTeamMember(ctx context.Context, call Call, id id.Chart, c chart.AddTeamMember) (Receipt, error) {
	u := e.chartCase(call, id, "chart.add_team_member", access.TeamAdd, c)
	u.foresee = e.foreseeChart(call, id)
	u.facts = func(g group.State, _ access.Subject) error {
		m, _ := g.Member(c.Member)
		c.MemberIsActive, c.MemberIsClinician = m.Active, m.Clinician
		return nil
	}
	u.decide = func(s chart.State, now time.Time) ([]chart.Event, error) { return c.Decide(s, now) }
	return execute(ctx, e, call, u)
}

// ChangeTeamRole gives a member of the chart's care team another role, in place (H-6).
func (e *Engine) ChangeTeamRole(ctx context.Context, call Call, id id.Chart, c chart.ChangeTeamRole) (Receipt, error) {
	u := e.chartCase(call, id, "chart.change_team_role", access.TeamChange, c)
	u.foresee = e.foreseeChart(call, id)
	u.facts = func(g group.State, _ access.Subject) error {
		m, _ := g.Member(c.Member)
		c.MemberIsActive, c.MemberIsClinician = m.Active, m.Clinician
		return nil
	}
	u.decide = func(s chart.State, now time.Time) ([]chart.Event, error) { return c.Decide(s, now) }
	return execute(ctx, e, call, u)
}

// RemoveTeamMember takes a member off the chart's care team.
func (e *Engine) RemoveTeamMember(ctx context.Context, call Call, id id.Chart, c chart.RemoveTeamMember) (Receipt, error) {
	u := e.chartCase(call, id, "chart.remove_team_member", access.TeamChange, c)
	u.foresee = e.foreseeChart(call, id)
	u.facts = func(g group.State, _ access.Subject) error {
		left, _ := g.RemovalOf(c.Member)
		c.Removal = left.Removal
		return nil
	}
	u.decide = func(s chart.State, now time.Time) ([]chart.Event, error) { return c.Decide(s, now) }
	return execute(ctx, e, call, u)
}

// asItIs is a chart as access to it is decided; the zero Resource where there is none.
func asItIs(g id.Group, s chart.State) *access.Resource {
	if !s.Exists() {
		return &access.Resource{}
	}
	r := s.Resource(g)
	return &r
}

// chartAsItIs reads a chart to its tail: who may open it can have changed just now.
func (e *Engine) chartAsItIs(ctx context.Context, g id.Group, c id.Chart) (r *access.Resource, err error) {
	err = e.charts.view(ctx, chart.Stream(g, c), func(s chart.State, _ es.Revision) error {
		r = asItIs(g, s)
		return nil
	})
	return r, err
}

// aboutChart completes a use case on something of a chart, such as a ledger or an
// appointment: it is for those who may open the chart. Each look sees the chart as
// it is when the command is decided.
func aboutChart[S, E any](e *Engine, u *useCase[S, E], g id.Group, c id.Chart, looks ...func(chart.State)) {
	var named *access.Resource
	gather, resource := u.gather, u.resource
	u.gather = func(ctx context.Context) (err error) {
		err = e.charts.view(ctx, chart.Stream(g, c), func(s chart.State, _ es.Revision) error {
			named = asItIs(g, s)
			for _, look := range looks {
				look(s)
			}
			return nil
		})
		if err != nil || gather == nil {
			return err
		}
		return gather(ctx)
	}
	u.resource = func(s S) access.Resource {
		r := resource(s)
		r.OfChart = named
		return r
	}
}

// requireOpenChart makes sure that a chart takes something new: it is not archived
// (AMB-17).
func (e *Engine) requireOpenChart(ctx context.Context, g id.Group, c id.Chart) error {
	return e.charts.view(ctx, chart.Stream(g, c), func(s chart.State, _ es.Revision) error {
		if s.Archived {
			return errChartArchived
		}
		return nil
	})
}

// Accounts says which accounts exist, as far as this installation can know: the
// sign-in service has them, not Praxis.
type Accounts interface {
	// Known reports whether anybody has ever signed in with the account.
	Known(ctx context.Context, a id.Account) (bool, error)
}

// requireAccount refuses an account that nobody has ever signed in with.
func (e *Engine) requireAccount(ctx context.Context, a id.Account) error {
	if e.accounts == nil {
		return nil
	}
	known, err := e.accounts.Known(ctx, a)
	if err == nil && !known {
		err = fault.New(fault.Rejected, "account_unknown", "Nobody has signed in with the account %s yet. Let the patient sign in once, and link the account that they are shown then.", a).With("account", a.String())
	}
	return err
}
