package lives

import (
	"errors"
	"fmt"
	"time"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// practice founds the practice, invites everybody, and lets months of billing pass.
func (l *life) practice() {
	g := about(l, group.Aggregate(), group.Evolve)
	now := l.Began.AddDate(0, -l.Months-1, 0)
	owner := Member(l.group, 0)
	l.main = Named[id.Branch](l.group, "main")
	g.did(group.CreateGroup{
		Group: l.group, Name: "Elm Practice", Owner: owner, Account: l.account(0), OwnerIsClinician: true,
		BillingZone: "UTC", Currency: currency, DefaultBranch: l.main, DefaultBranchName: "Main Street",
	}.Decide(g.state, now))
	l.staff = []id.Member{owner}
	for n := 1; n < l.Clinicians; n++ {
		l.invite(g, n, group.InviteMember{Role: access.User, Clinician: true, Profession: pricing.Prescriber}, now)
	}
	for n := range l.Managers {
		l.invite(g, l.Clinicians+n, group.InviteMember{Role: access.Manager, Clinician: true, Clinicians: l.share(n, l.Managers)}, now)
	}
	for n := range l.Assistants {
		l.invite(g, l.Clinicians+l.Managers+n, group.InviteMember{Role: access.Assistant, Clinicians: l.share(n, l.Assistants)}, now)
	}
	for n, m := range l.staff[:l.Clinicians] {
		for c, capability := range l.Grants {
			ruling := group.Ruling{By: owner, Rule: Named[id.Event](l.group, "rule", n, c)}
			g.did(group.GrantPermission{Member: m, Capability: capability, Scope: access.ScopeGroup}.Decide(g.state, ruling, now))
		}
	}
	l.subscription(g, now)
	for n := range l.Invited {
		g.did(group.InviteMember{
			Invitation: Named[id.Invitation](l.group, "unanswered", n), EmailHash: fmt.Sprint("unanswered ", n), Role: access.Assistant,
			Clinicians: l.staff[:1], ExpiresAt: l.Began.AddDate(0, 2, 0),
		}.Decide(g.state, group.InvitationFacts{By: owner, Book: l.book}, l.Began))
	}
	l.facts = chart.Group{Branches: []chart.Branch{{ID: l.main, Open: true}}}
	for _, m := range l.staff[:l.Clinicians] {
		l.facts.Members = append(l.facts.Members, chart.Member{ID: m, Active: true, Clinician: true, Branches: []id.Branch{l.main}, Joined: now})
	}
	g.end(group.Stream(l.group))
}

// account is who signs in as the n-th member.
func (l *life) account(n int) id.Account {
	if l.Account != nil {
		return l.Account(n)
	}
	return Named[id.Account](l.group, "account", n)
}

// share is the n-th of so many equal shares of the clinicians.
func (l *life) share(n, of int) []id.Member {
	return l.staff[n*l.Clinicians/of : (n+1)*l.Clinicians/of]
}

// invite has the n-th member join.
func (l *life) invite(g *stream[group.State, group.Event], n int, i group.InviteMember, now time.Time) {
	i.Invitation, i.EmailHash, i.ExpiresAt = Named[id.Invitation](l.group, "letter", n), fmt.Sprint("hash ", n), now.AddDate(0, 0, 7)
	m := Member(l.group, n)
	g.did(i.Decide(g.state, group.InvitationFacts{By: l.staff[0], Book: l.book}, now))
	g.did(group.AcceptInvitation{Invitation: i.Invitation, Account: l.account(n), EmailHash: i.EmailHash, Member: m}.Decide(g.state, now))
	l.staff = append(l.staff, m)
}

// subscription has every clinician take a licence, and licences change hands.
func (l *life) subscription(g *stream[group.State, group.Event], now time.Time) {
	var seats []group.Seat
	for _, m := range l.staff[:l.Clinicians+l.Managers] {
		seats = append(seats, group.Seat{Member: m, Plan: l.Plan, Profession: pricing.Prescriber})
	}
	quoted, err := g.state.QuoteSubscription(seats, l.book, now)
	l.err = errors.Join(l.err, err)
	g.did(group.StartSubscription{Seats: seats, Method: "pm_1", QuotedTotal: quoted}.Decide(g.state, l.book, now))
	for n := 0; n < l.Months && l.err == nil; n++ {
		for _, c := range g.state.Charges() {
			if c.Status != group.ChargeOpen {
				continue
			}
			g.did(group.StartCollection{Charge: c.ID}.Decide(g.state, now))
			g.did(group.RecordCollection{Charge: c.ID, Attempt: 1, Collected: true}.Decide(g.state, l.book, now))
		}
		for k := range max(min(5, l.Clinicians), l.Clinicians/10) {
			seat := (n + k) % l.Clinicians
			licence := g.state.Licences()[seat].ID
			g.did(group.UnassignLicence{Licence: licence}.Decide(g.state, 0, now))
			g.did(group.AssignLicence{Licence: licence, Member: l.staff[seat], Profession: pricing.Prescriber}.Decide(g.state, now))
		}
		now = now.AddDate(0, 1, 0)
		g.did(group.RollBillingPeriod{}.Decide(g.state, l.book, now))
	}
}
