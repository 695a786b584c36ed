package processes

import (
	"slices"

	"praxis/commands/letters"
	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

// notification is what is written to whom because of one event.
type notification struct {
	to []id.Account
	// about is whose name the letters mention, if anybody's.
	about id.Account
	write func(to id.Account, name string) letters.Letter
}

// notificationOf says what follows from an event for the people of a practice, as the
// practice is now. A member who left meanwhile gets no notification any more, except
// of that. Most events lead to none.
func notificationOf(g group.State, event any) notification {
	p := practiceOf(g)
	goesOn := g.Subscribed() && !g.Closed()
	switch e := event.(type) {
	case group.MemberJoined:
		i, _ := g.Invitation(e.Invitation)
		return notification{members(g, i.InvitedBy), e.Account, func(_ id.Account, name string) letters.Letter { return p.Accepted(name, e.Role, e.Clinician) }}
	case group.InvitationDeclined:
		i, _ := g.Invitation(e.Invitation)
		return plain(members(g, i.InvitedBy), p.Declined(i.Role, i.Clinician))
	case group.MemberAccessRevoked:
		former, _ := g.Member(e.Member)
		return plain([]id.Account{former.Account}, p.MembershipEnded())
	case group.OwnershipOffered:
		return plain(members(g, e.To), p.OwnershipOffered(e.ExpiresAt))
	case group.SuccessorNamed:
		return plain(members(g, e.Successor), p.SuccessorNamed())
	case group.SuccessionClaimed:
		return aboutClaim(g, e.By, func(p letters.Practice, name string) letters.Letter { return p.SuccessionClaimed(name, e.DueAt) })
	case group.SuccessionRejected:
		return plain(members(g, e.Claimant), p.SuccessionRejected())
	case group.SuccessionWithdrawn:
		return aboutClaim(g, e.Claimant, letters.Practice.SuccessionWithdrawn)
	case group.OwnershipTransferred:
		return transferred(g, p, e)
	case group.PermissionGranted:
		owner, _ := g.Member(e.Member)
		return notification{selfGrantHearers(g), owner.Account, func(_ id.Account, name string) letters.Letter { return p.OwnPermission(name, e.Capability) }}
	case group.TrialExpired:
		return plain(members(g, g.Owner()), p.TrialEnded(goesOn))
	case group.ChargeFailed:
		charge, _ := g.Charge(e.Charge)
		amount := charge.Total
		if e.Attempt >= 1 && e.Attempt <= len(charge.Asked) {
			amount = charge.Asked[e.Attempt-1]
		}
		return plain(members(g, g.Owner()), p.ChargeFailed(amount, charge.Kind == group.ChargePurchase))
	case group.ChargeCancelled:
		return plain(members(g, g.Owner()), p.PurchaseCancelled(goesOn))
	case group.ChargeRefunded:
		return plain(members(g, g.Owner()), p.Refunded(e.Amount))
	case group.RefundFailed:
		refund, _ := g.Refund(e.Refund)
		return plain(members(g, g.Owner()), p.RefundFailed(refund.Amount))
	case group.SubscriptionCancellationScheduled:
		return plain(members(g, g.Owner()), p.SubscriptionEnding(e.Effective))
	case group.SubscriptionCancelled:
		return plain(members(g, g.Owner()), p.SubscriptionEnded(e.On))
	case group.GroupClosed:
		return plain(everybody(g), p.Closed())
	case group.TraineeProofExpiring:
		return aboutProof(g, e.Proof, func(name string, forTrainee bool) letters.Letter {
			return p.ProofEnding(name, forTrainee, e.Threshold, e.ValidUntil)
		})
	case group.TraineeProofExpired:
		return aboutProof(g, e.Proof, p.ProofEnded)
	}
	return notification{}
}

// practiceOf is how a practice signs its letters.
func practiceOf(g group.State) letters.Practice {
	return letters.Practice{Name: g.Info()[group.FieldName], Zone: g.Zone()}
}

// plain is one letter to several people.
func plain(to []id.Account, l letters.Letter) notification {
	return notification{to: to, write: func(id.Account, string) letters.Letter { return l }}
}

// members returns the accounts of those of the members who still are.
func members(g group.State, all ...id.Member) []id.Account {
	var accounts []id.Account
	for _, m := range all {
		if member, known := g.Member(m); known && member.Active && !slices.Contains(accounts, member.Account) {
			accounts = append(accounts, member.Account)
		}
	}
	return accounts
}

// everybody returns the accounts of all who are members.
func everybody(g group.State) []id.Account {
	var all []id.Member
	for _, m := range g.Members() {
		all = append(all, m.ID)
	}
	return members(g, all...)
}

// selfGrantHearers are those who get a notification when an owner grants to
// themselves (AMB-11): the owner and every super admin.
func selfGrantHearers(g group.State) []id.Account {
	all := []id.Member{g.Owner()}
	for _, m := range g.Members() {
		if m.Role == access.SuperAdmin {
			all = append(all, m.ID)
		}
	}
	return members(g, all...)
}

func transferred(g group.State, p letters.Practice, e group.OwnershipTransferred) notification {
	after, _ := g.Member(e.To)
	return notification{members(g, e.From, e.To), after.Account, func(to id.Account, name string) letters.Letter {
		if to == after.Account {
			return p.OwnershipReceived()
		}
		return p.OwnershipGiven(name)
	}}
}

// aboutProof writes to the owner, and to the trainee, who may have joined only
// after the proof was submitted for their address.
func aboutProof(g group.State, proof id.TraineeProof, write func(name string, forTrainee bool) letters.Letter) notification {
	var trainee group.Member
	for _, p := range g.Proofs() {
		if p.ID != proof {
			continue
		}
		for _, m := range g.Members() {
			if m.ID == p.Member || p.EmailHash != "" && m.EmailHash == p.EmailHash {
				trainee = m
			}
		}
	}
	return notification{members(g, g.Owner(), trainee.ID), trainee.Account, func(to id.Account, name string) letters.Letter {
		return write(name, to == trainee.Account)
	}}
}
