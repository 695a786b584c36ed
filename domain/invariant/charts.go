package invariant

import (
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// chartFile is what the invariants need of a chart.
type chartFile struct {
	// state is the chart without what it says about the patient.
	state chart.State
	// primarySince and branchSince are the revisions that named them.
	primarySince, branchSince es.Revision
}

// chart folds an event of a chart.
func (p *practice) chart(a *Audit, env es.Envelope, event chart.Event) {
	_, which, err := chart.ParseStream(env.Stream)
	if err != nil {
		a.report(EventMisplaced, p.id, []Place{placeOf(env.Recorded)}, thing(KindEvent, env.ID))
		return
	}
	c := p.charts[which]
	if c == nil {
		c = &chartFile{}
		p.charts[which] = c
	}
	p.checkTeam(a, env, which, c.state, event)
	chart.Evolve(&c.state, event)
	c.state.Patient, c.state.PatientAccounts, c.state.PatientInvitations = chart.Demographics{}, nil, nil
	switch e := any(event).(type) {
	case chart.Created:
		c.primarySince, c.branchSince = env.Revision, env.Revision
	case chart.PrimaryProfessionalChanged:
		c.primarySince = env.Revision
		p.progress(e.From, env)
	case chart.PlacedInCustody:
		c.primarySince = env.Revision
		p.progress(e.From, env)
	case chart.BranchChanged:
		c.branchSince = env.Revision
		p.progress(e.From, env)
	}
}

// progress notes that a chart left a leaving member or a closed branch.
func (p *practice) progress(from [16]byte, env es.Envelope) {
	if _, leaving := p.moved[from]; leaving {
		p.moved[from] = env.RecordedAt
	}
}

// checkTeam checks that no member joins a team that they are on.
func (p *practice) checkTeam(a *Audit, env es.Envelope, which id.Chart, s chart.State, event any) {
	e, joins := event.(chart.TeamMemberAdded)
	if _, on := s.Team().RoleOf(e.Member); joins && on {
		a.report(ChartTeam, p.id, []Place{placeOf(env.Recorded)}, thing(KindChart, which), thing(KindMember, e.Member))
	}
}

func (p *practice) judgeChart(a *Audit, which id.Chart) {
	c := p.charts[which]
	stream := chart.Stream(p.id, which)
	if primary := c.state.Primary(); !p.mayBePrimary(primary, c.state.InCustody) {
		places := []Place{{stream, c.primarySince}, p.place(primary)}
		a.report(ChartPrimary, p.id, places, thing(KindChart, which), thing(KindMember, primary))
	}
	if !p.mayHoldCharts(c.state.Branch) {
		places := []Place{{stream, c.branchSince}, p.place(c.state.Branch)}
		a.report(ChartBranch, p.id, places, thing(KindChart, which), thing(KindBranch, c.state.Branch))
	}
}

// mayBePrimary reports whether a member can answer for a chart. The charts of
// a member who is leaving are on their way (RemovalStuck).
func (p *practice) mayBePrimary(m id.Member, custody bool) bool {
	member, _ := p.state.Member(m)
	r, _ := p.state.RemovalOf(m)
	return p.state.IsActiveClinician(m) || custody && member.Active || r.InProgress
}

// mayHoldCharts reports whether charts can belong to a branch. Those of one that is
// closing are on their way (BranchStuck).
func (p *practice) mayHoldCharts(b id.Branch) bool {
	branch, known := p.state.Branch(b)
	return known && (!branch.Closed || !branch.Vacated)
}

// Suspects returns which of the charts of a practice, as its roster knows them,
// may break a rule: those whose streams are worth reading. The practice's own
// stream must have been added before.
func (a *Audit) Suspects(g id.Group, charts []group.ChartFacts) []id.Chart {
	p := a.practice(g)
	var suspects []id.Chart
	for _, c := range charts {
		if !p.mayBePrimary(c.Primary, false) || !p.mayHoldCharts(c.Branch) {
			suspects = append(suspects, c.Chart)
		}
	}
	return suspects
}

// ActiveAccounts returns the accounts of the active members of a practice whose
// own stream was added before, in the order of their joining.
func (a *Audit) ActiveAccounts(g id.Group) []id.Account {
	var accounts []id.Account
	for _, m := range a.practice(g).state.Members() {
		if m.Active {
			accounts = append(accounts, m.Account)
		}
	}
	return accounts
}
