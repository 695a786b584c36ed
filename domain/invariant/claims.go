package invariant

import (
	"time"

	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/membership"
)

// claim is where an account belongs by its own stream.
type claim struct {
	state membership.State
	at    es.Revision
	on    time.Time
}

// claim folds an event of an account's claim.
func (a *Audit) claim(env es.Envelope, event membership.Event) {
	account, err := membership.ParseStream(env.Stream)
	if err != nil {
		a.report(EventMisplaced, id.Group{}, []Place{placeOf(env.Recorded)}, thing(KindEvent, env.ID))
		return
	}
	c := a.claims[account]
	membership.Evolve(&c.state, event)
	c.at, c.on = env.Revision, env.RecordedAt
	a.claims[account] = c
}

// ClaimGrace is how long a claim may stand for a membership that is not there: a
// founding or a joining that takes longer will never be completed (G-7).
const ClaimGrace = time.Hour

// judgeClaims checks that accounts and practices agree on who belongs where.
func (a *Audit) judgeClaims() {
	for _, g := range sortedKeys(a.practices) {
		a.practices[g].judgeMembers(a)
	}
	for _, account := range sortedKeys(a.claims) {
		a.judgeClaim(account, a.claims[account])
	}
}

func (p *practice) judgeMembers(a *Audit) {
	if p.state.Closed() || !a.only.IsZero() && p.id != a.only {
		return
	}
	for _, m := range p.state.Members() {
		c, known := a.claims[m.Account]
		if g, holder, held := c.state.Holder(); !m.Active || held && g == p.id && holder == m.ID {
			continue
		}
		places := []Place{p.place(m.ID)}
		if known {
			places = append(places, Place{membership.Stream(m.Account), c.at})
		}
		a.report(MemberClaim, p.id, places, thing(KindMember, m.ID), thing(KindAccount, m.Account))
	}
}

func (a *Audit) judgeClaim(account id.Account, c claim) {
	g, m, held := c.state.Holder()
	if !held || !a.only.IsZero() && g != a.only {
		return
	}
	since := c.on
	if p := a.practices[g]; p != nil {
		member, known := p.state.Member(m)
		if known && member.Active && member.Account == account && !p.state.Closed() {
			return
		}
		if ended := p.moved[m]; ended.After(since) {
			since = ended
		}
		if p.closedOn.After(since) {
			since = p.closedOn
		}
	}
	if a.now.Sub(since) > ClaimGrace {
		places := []Place{{membership.Stream(account), c.at}}
		a.report(ClaimStray, g, places, thing(KindAccount, account), thing(KindMember, m))
	}
}
