package invariant

import (
	"time"

	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/booking"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invoice"
)

// practice is what one practice has come to.
type practice struct {
	id    id.Group
	state group.State
	// at is the revision up to which the practice's own stream was folded, since the
	// last one that concerned a member, a branch, a licence or a charge, and moved
	// when something last went forward for a leaving member or a closed branch.
	at    es.Revision
	since map[[16]byte]es.Revision
	moved map[[16]byte]time.Time
	// claimed is where the successor claimed the practice last.
	claimed es.Revision
	// closedAt is where in the log the practice ended, if it has, and when.
	closedAt es.Position
	closedOn time.Time

	charts    map[id.Chart]*chartFile
	ledgers   map[es.Stream]*ledger
	series    map[id.Member]*series
	calendars map[id.Member]calendar
	money     seatMoney
}

func (a *Audit) practice(g id.Group) *practice {
	p := a.practices[g]
	if p == nil {
		p = &practice{
			id: g, state: group.Aggregate().New(), at: es.NoStream, since: map[[16]byte]es.Revision{}, moved: map[[16]byte]time.Time{},
			charts: map[id.Chart]*chartFile{}, ledgers: map[es.Stream]*ledger{}, series: map[id.Member]*series{},
			calendars: map[id.Member]calendar{}, money: newSeatMoney(),
		}
		a.practices[g] = p
	}
	return p
}

// place is where in the practice's own stream something came to be as it is.
func (p *practice) place(of [16]byte) Place {
	at, ok := p.since[of]
	if !ok {
		at = p.at
	}
	return Place{group.Stream(p.id), at}
}

// evolve folds an event of the practice's own stream.
func (p *practice) evolve(a *Audit, env es.Envelope, event group.Event) {
	p.checkLicences(a, env, event)
	p.money.check(a, p, env, event)
	group.Evolve(&p.state, event)
	p.at = env.Revision
	p.note(env, event)
	if _, ended := event.(group.GroupClosed); ended {
		p.closedAt, p.closedOn = env.Position, env.RecordedAt
	}
}

// note remembers which event made members, branches and licences what they are.
func (p *practice) note(env es.Envelope, event any) {
	mark := func(things ...[16]byte) {
		for _, t := range things {
			p.since[t] = env.Revision
		}
	}
	progress := func(t [16]byte) { mark(t); p.moved[t] = env.RecordedAt }
	switch e := event.(type) {
	case group.GroupCreated:
		mark(e.Owner)
	case group.MemberJoined:
		mark(e.Member)
	case group.MemberRoleChanged:
		mark(e.Member)
	case group.OwnershipTransferred:
		mark(e.From, e.To)
	case group.MemberAccessRevoked:
		progress(e.Member)
	case group.MemberRemovalStarted:
		p.moved[e.Member] = env.RecordedAt
	case group.MemberRemovalReplanned:
		p.moved[e.Member] = env.RecordedAt
	case group.MemberReinstated:
		mark(e.Member)
	case group.ClinicalWorkStarted:
		mark(e.Member)
	case group.ClinicalWorkEnded:
		mark(e.Member)
	case group.RelinkingStarted:
		p.moved[e.Member] = env.RecordedAt
	case group.SuccessionClaimed:
		p.claimed = env.Revision
	case group.BranchClosed:
		progress(e.Branch)
	case group.BranchVacated:
		mark(e.Branch)
	case group.LicenceAssigned:
		mark(e.Licence)
	case group.LicenceUnassigned:
		mark(e.Licence)
	}
}

// afterClosing are the commands that a practice that has ended still carries out.
func afterClosing(command string) bool {
	return command == "group.record_collection" || command == "group.record_refund"
}

// closing checks that nothing follows the end of the practice. What was read, and
// what was refused, is recorded for ever.
func (p *practice) closing(a *Audit, env es.Envelope) {
	if p.closedAt == (es.Position{}) || !p.closedAt.Before(env.Position) || env.Stream.Category() == accesslog.Category || afterClosing(env.Meta.CommandName) {
		return
	}
	a.report(AfterClosing, p.id, []Place{placeOf(env.Recorded), {group.Stream(p.id), p.at}}, thing(KindEvent, env.ID))
}

// judge checks what the practice is now. One that was not founded has no people;
// one that has ended is as it was left.
func (p *practice) judge(a *Audit) {
	p.judgeSeries(a)
	p.judgeSums(a)
	p.money.judge(a, p)
	for _, clinician := range sortedKeys(p.calendars) {
		p.judgeCalendar(a, booking.CalendarID{Group: p.id, Clinician: clinician})
	}
	p.judgePatients(a)
	if !p.state.Exists() {
		return
	}
	p.judgeOwner(a)
	if p.state.Closed() {
		return
	}
	p.judgeLicences(a)
	p.judgeStuck(a)
	for _, c := range sortedKeys(p.charts) {
		p.judgeChart(a, c)
	}
}

func (p *practice) judgeOwner(a *Audit) {
	var owners []Thing
	places := []Place{p.place(p.state.Owner())}
	right := false
	for _, m := range p.state.Members() {
		if m.Role == access.Owner && m.Active {
			owners = append(owners, thing(KindMember, m.ID))
			right = m.ID == p.state.Owner()
			if !right {
				places = append(places, p.place(m.ID))
			}
		}
	}
	if len(owners) != 1 || !right {
		a.report(OneOwner, p.id, places, owners...)
	}
}

// stuckAfter is how long what a process has begun may rest.
const stuckAfter = 24 * time.Hour

func (p *practice) judgeStuck(a *Audit) {
	for _, m := range p.state.Members() {
		rests := a.now.Sub(p.moved[m.ID]) > stuckAfter
		if r, _ := p.state.RemovalOf(m.ID); r.InProgress && rests {
			a.report(RemovalStuck, p.id, []Place{p.place(m.ID)}, thing(KindMember, m.ID))
		}
		if r, _ := p.state.ReturnOf(m.ID); r.InProgress && rests {
			a.report(RelinkingStuck, p.id, []Place{p.place(m.ID)}, thing(KindMember, m.ID))
		}
	}
	if c, open := p.state.SuccessionClaim(); open && a.now.Sub(c.DueAt) > stuckAfter {
		a.report(SuccessionStuck, p.id, []Place{{group.Stream(p.id), p.claimed}}, thing(KindMember, c.By))
	}
	for b, at := range p.moved {
		branch, ok := p.state.Branch(id.Branch(b))
		if ok && branch.Closed && !branch.Vacated && a.now.Sub(at) > stuckAfter {
			a.report(BranchStuck, p.id, []Place{p.place(b)}, thing(KindBranch, branch.ID))
		}
	}
}

func (p *practice) judgeSeries(a *Audit) {
	for _, clinician := range sortedKeys(p.series) {
		p.series[clinician].judge(a, invoice.SeriesID{Group: p.id, Clinician: clinician})
	}
}
