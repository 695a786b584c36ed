package notification

import (
	"slices"
	"strconv"
	"time"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/group"
	"praxis/domain/id"
)

// Kind is one kind of notification.
type Kind struct {
	// When says after what it is sent, and To to whom.
	When, To string
	// tell is what tells of an event, if the kind is about it.
	tell func(event any) func(group.State) Draft
}

// Draft is a notification as a practice, at one moment, has it sent.
type Draft struct {
	// To are those to whom it goes and who still are members; nobody for one that is
	// not sent.
	To []id.Account
	// About is whose name the words mention, if anybody's.
	About id.Account
	// Words are what one of them reads; the name is that of About, empty if unknown.
	Words func(to id.Account, name string) Words
}

// ClaimComing stands among the events for the days before a claim of a successor is
// fulfilled: the process of the succession tells the owner again, because silence
// counts as a yes (AMB-1).
type ClaimComing struct {
	// Now is when it is told. A claim that is due says nothing more: it is being
	// fulfilled, and the owner is told of that.
	Now time.Time
}

// Tell returns what tells the people of a practice of an event; nil for most events,
// which lead to no notification.
func Tell(event any) func(group.State) Draft {
	for _, k := range kinds {
		if k.tell == nil {
			continue
		}
		if tell := k.tell(event); tell != nil {
			return tell
		}
	}
	return nil
}

// Kinds returns every notification that Praxis sends.
func Kinds() []Kind { return slices.Clone(kinds) }

var kinds = []Kind{
	// Its words are those of an Invitation: only who invites knows the address.
	{When: "Somebody is invited", To: "the invited address"},
	// Its words are those of a PortalInvitation.
	{When: "A patient or guardian is invited to the portal", To: "the invited address"},
	on("An invitation is accepted", "who invited", func(g group.State, p Sender, e group.MemberJoined) Draft {
		i, _ := g.Invitation(e.Invitation)
		return naming(e.Account, members(g, i.InvitedBy), func(name string) Words {
			who := called(name, "Somebody whom you invited")
			return p.write(who+" joined "+p.name(), who+" accepted your invitation and belongs to "+p.name()+" from now on, "+as(e.Role, e.Clinician)+".")
		})
	}),
	on("An invitation is declined", "who invited", func(g group.State, p Sender, e group.InvitationDeclined) Draft {
		i, _ := g.Invitation(e.Invitation)
		return telling(members(g, i.InvitedBy), p.write("An invitation to "+p.name()+" was declined",
			"Somebody whom you invited to join "+p.name()+" "+as(i.Role, i.Clinician)+" declined.",
			"You can invite the same address again."))
	}),
	on("A member's access is revoked", "the former member", func(g group.State, p Sender, e group.MemberAccessRevoked) Draft {
		former, _ := g.Member(e.Member)
		return telling([]id.Account{former.Account}, p.write("Your membership of "+p.name()+" ended",
			"Your membership of "+p.name()+" has ended, and with it your access to what the practice keeps in Praxis.",
			"If you did not expect this, ask the practice."))
	}),
	on("The ownership is offered", "to whom it is offered", func(g group.State, p Sender, e group.OwnershipOffered) Draft {
		return telling(members(g, e.To), p.write("You are offered the ownership of "+p.name(),
			"The owner of "+p.name()+" offers the ownership of the practice to you. It becomes yours only if you accept it in Praxis.",
			"The offer holds until "+p.when(e.ExpiresAt)+"."))
	}),
	on("The ownership is transferred", "the former and the new owner", func(g group.State, p Sender, e group.OwnershipTransferred) Draft {
		after, _ := g.Member(e.To)
		return Draft{members(g, e.From, e.To), after.Account, func(to id.Account, name string) Words {
			if to == after.Account {
				return p.write("You own "+p.name(),
					"The ownership of "+p.name()+" was transferred to you. The former owner is a super admin of the practice now.")
			}
			return p.write("The ownership of "+p.name()+" was transferred",
				"The ownership of "+p.name()+" was transferred to "+called(name, "another member")+". You are a super admin of the practice now.",
				"If you did not expect this, ask the new owner or the people who operate Praxis for you.")
		}}
	}),
	on("A successor is named", "the successor", func(g group.State, p Sender, e group.SuccessorNamed) Draft {
		return telling(members(g, e.Successor), p.write("You are named as successor at "+p.name(),
			"The owner of "+p.name()+" named you as their successor. This changes nothing today: it says who is to follow one day.",
			"When that day comes, you can claim the practice in Praxis. The owner is told, and has thirty days to object."))
	}),
	on("The successor claims the practice", "the owner", func(g group.State, p Sender, e group.SuccessionClaimed) Draft {
		return claim(g, e.By, func(successor string) Words {
			return p.write("Your successor claims "+p.name(),
				successor+", whom you named as your successor at "+p.name()+", wants to take the practice over.",
				p.unlessStopped(e.DueAt), howToStop)
		})
	}),
	on("A claim is fulfilled in seven days, and in one day", "the owner", func(g group.State, p Sender, e ClaimComing) Draft {
		c, open := g.SuccessionClaim()
		if !open || !e.Now.Before(c.DueAt) {
			return Draft{}
		}
		return claim(g, c.By, func(successor string) Words {
			return p.write("The ownership of "+p.name()+" is about to change",
				successor+", whom you named as your successor at "+p.name()+", has claimed the practice, and nothing has stopped that so far.",
				p.unlessStopped(c.DueAt), howToStop)
		})
	}),
	on("A claim is rejected", "the successor", func(g group.State, p Sender, e group.SuccessionRejected) Draft {
		return telling(members(g, e.Claimant), p.write("The owner of "+p.name()+" objects to your claim",
			"The owner of "+p.name()+" rejected your claim to the practice. Nothing changes, and you are still named as their successor."))
	}),
	on("A claim is withdrawn", "the owner", func(g group.State, p Sender, e group.SuccessionWithdrawn) Draft {
		return claim(g, e.Claimant, func(successor string) Words {
			return p.write("The claim to "+p.name()+" was withdrawn",
				successor+", whom you named as your successor, does not claim "+p.name()+" any more. You stay its owner.")
		})
	}),
	onlyIf("An owner grants a permission to themselves (AMB-11)", "the owner and every super admin", func(e group.PermissionGranted) bool {
		return e.GrantedBy == e.Member
	}, func(g group.State, p Sender, e group.PermissionGranted) Draft {
		owner, _ := g.Member(e.Member)
		to := []id.Member{g.Owner()}
		for _, m := range g.Members() {
			if m.Role == access.SuperAdmin {
				to = append(to, m.ID)
			}
		}
		return naming(owner.Account, members(g, to...), func(name string) Words {
			return p.write("The owner of "+p.name()+" gave themselves a permission",
				called(name, "The owner")+", who owns "+p.name()+", gave themselves the permission \""+oneLine(string(e.Capability))+"\".",
				"Every super admin and the owner are told whenever that happens. Nothing has to be done if it is as it should be.")
		})
	}),
	on("A planned change of a chart's primary is not made", "who planned it, the primary, and who was to be it", func(g group.State, p Sender, e chart.PrimaryChangeLapsed) Draft {
		to, _ := g.Member(e.To)
		return naming(to.Account, members(g, e.By, e.Primary, e.To), func(name string) Words {
			return p.write("A planned change at "+p.name()+" was not made",
				called(name, "A member")+" was to become the primary clinician of a chart on "+p.when(e.EffectiveAt)+". That was not possible, because "+lapsed(e.Reason)+".",
				"The plan is void, and the chart stays where it is. Its care team in Praxis tells of it; another clinician can be named there.")
		})
	}),
	on("A member breaks the glass of a chart", "the primary and the owner, unless they are excluded from the chart", func(g group.State, p Sender, e chart.BreakGlassOpened) Draft {
		by, _ := g.Member(e.Member)
		return naming(by.Account, members(g, e.Tell...), func(name string) Words {
			return p.write("Emergency access to a chart at "+p.name(),
				called(name, "A member")+" broke the glass of a chart of "+p.name()+" and can read it until "+p.when(e.ExpiresAt)+", unless it is closed before.",
				"Praxis shows which chart it is, and why, to those who may review it, and in the access log what is read of it. Somebody else has to review it there.")
		})
	}),
	on("A trial ends", "the owner", func(g group.State, p Sender, _ group.TrialExpired) Draft {
		next := "The first paid period of the subscription starts today; Praxis shows its charge and what each line of it is for."
		if !goesOn(g) {
			next = "The subscription was cancelled and ended with it; nothing is charged."
		}
		return telling(members(g, g.Owner()), p.write("The trial of "+p.name()+" ended", "The trial of "+p.name()+" is over. "+next))
	}),
	on("A charge cannot be collected", "the owner", func(g group.State, p Sender, e group.ChargeFailed) Draft {
		c, _ := g.Charge(e.Charge)
		amount := c.Total
		if e.Attempt >= 1 && e.Attempt <= len(c.Asked) {
			amount = c.Asked[e.Attempt-1]
		}
		last := "It is tried again with the payment method that the practice names."
		if c.Kind == group.ChargePurchase {
			last = "It is tried again. Licences that stay unpaid for seven days are taken back."
		}
		return telling(members(g, g.Owner()), p.write("A payment of "+p.name()+" failed",
			"The subscription charge of "+amount.String()+" for "+p.name()+" could not be collected.",
			last+" If the card is not right any more, name another one in Praxis."))
	}),
	on("An unpaid purchase is cancelled (BIL-A11)", "the owner", func(g group.State, p Sender, _ group.ChargeCancelled) Draft {
		why := []string{"Licences that " + p.name() + " bought were not paid when its subscription ended. The purchase was cancelled. Money that still comes for it goes back."}
		if goesOn(g) {
			why = []string{
				"Licences that " + p.name() + " bought stayed unpaid for seven days. The purchase was cancelled and nothing is charged for it.",
				"The licences can be bought again at any time.",
			}
		}
		return telling(members(g, g.Owner()), p.write("An unpaid purchase of "+p.name()+" was cancelled", why...))
	}),
	on("Money of the subscription goes back", "the owner", func(g group.State, p Sender, e group.ChargeRefunded) Draft {
		return telling(members(g, g.Owner()), p.write("A refund for "+p.name(),
			e.Amount.String()+" of the subscription of "+p.name()+" went back to the payment method that it came from. Praxis shows what it is for.",
			"Banks may take some days until they show it."))
	}),
	on("Money of the subscription cannot go back", "the owner", func(g group.State, p Sender, e group.RefundFailed) Draft {
		refund, _ := g.Refund(e.Refund)
		return telling(members(g, g.Owner()), p.write("A refund for "+p.name()+" failed",
			refund.Amount.String()+" of the subscription of "+p.name()+" had to go back, but the payment method that it came from did not take it. It is still owed to the practice.",
			"Ask the people who operate Praxis for you to pay it back by another way."))
	}),
	on("The subscription is cancelled", "the owner", func(g group.State, p Sender, e group.SubscriptionCancellationScheduled) Draft {
		return telling(members(g, g.Owner()), p.write("The subscription of "+p.name()+" was cancelled",
			"The subscription of "+p.name()+" was cancelled. "+day(e.Effective)+" is the first day without it; until then everything stays as it is.",
			"Up to then it can be kept in Praxis."))
	}),
	on("The subscription ends", "the owner", func(g group.State, p Sender, e group.SubscriptionCancelled) Draft {
		return telling(members(g, g.Owner()), p.write("The subscription of "+p.name()+" ended",
			"The subscription of "+p.name()+" has ended, and all its licences with it. "+day(e.On)+" is the first day without it. No further period is charged; what was charged before stays due.",
			"A subscription can be started again at any time."))
	}),
	on("The practice is closed", "every member", func(g group.State, p Sender, _ group.GroupClosed) Draft {
		var all []id.Member
		for _, m := range g.Members() {
			all = append(all, m.ID)
		}
		return telling(members(g, all...), p.write(p.name()+" was closed",
			p.name()+" was closed in Praxis. Nothing of it can be changed any more, its invitations are void, and no further period is charged.",
			"Its records can still be read and exported."))
	}),
	on("A proof of training is about to end (BIL-A10)", "the owner and the trainee", func(g group.State, p Sender, e group.TraineeProofExpiring) Draft {
		return proof(g, e.Proof, func(whose string) Words {
			return p.write("A proof of training ends in "+strconv.Itoa(e.Threshold)+" days or less",
				whose+" at "+p.name()+" is valid up to and including "+day(e.ValidUntil)+".",
				"Without a new proof, the licence costs its full price from the next period on.")
		})
	}),
	on("A proof of training has ended (BIL-A10, AMB-9)", "the owner and the trainee", func(g group.State, p Sender, e group.TraineeProofExpired) Draft {
		return proof(g, e.Proof, func(whose string) Words {
			return p.write("A proof of training ended",
				whose+" at "+p.name()+" is not valid any more.",
				"The licence costs its full price from the next period on, never backwards. A new proof brings the reduced price back.")
		})
	}),
}

// on is a kind of notification about every event of a type.
func on[E any](when, to string, tell func(group.State, Sender, E) Draft) Kind {
	return onlyIf(when, to, func(E) bool { return true }, tell)
}

// onlyIf is on for those of the events that are such.
func onlyIf[E any](when, to string, such func(E) bool, tell func(group.State, Sender, E) Draft) Kind {
	return Kind{when, to, func(event any) func(group.State) Draft {
		e, ok := event.(E)
		if !ok || !such(e) {
			return nil
		}
		return func(g group.State) Draft { return tell(g, Of(g), e) }
	}}
}

// telling is a draft of the same words for all.
func telling(to []id.Account, w Words) Draft {
	return Draft{To: to, Words: func(id.Account, string) Words { return w }}
}

// naming is a draft with the name of somebody in it.
func naming(about id.Account, to []id.Account, write func(name string) Words) Draft {
	return Draft{to, about, func(_ id.Account, name string) Words { return write(name) }}
}

// claim is a draft for the owner about the claim of somebody who is named.
func claim(g group.State, claimant id.Member, write func(successor string) Words) Draft {
	by, _ := g.Member(claimant)
	return naming(by.Account, members(g, g.Owner()), func(name string) Words { return write(called(name, "The member")) })
}

func (p Sender) unlessStopped(due time.Time) string {
	return "Unless you object, the ownership goes to them on " + p.when(due) + ". You are a super admin of the practice then."
}

const howToStop = "To object, sign in and reject the claim in Praxis. Naming another successor or none, or offering the ownership to somebody, stops it too."

// proof is a draft for the owner and for the trainee, who may have joined only after
// the proof was submitted for their address, and is not named to themselves.
func proof(g group.State, which id.TraineeProof, write func(whose string) Words) Draft {
	var trainee group.Member
	for _, p := range g.Proofs() {
		if p.ID != which {
			continue
		}
		for _, m := range g.Members() {
			if m.ID == p.Member || p.EmailHash != "" && m.EmailHash == p.EmailHash {
				trainee = m
			}
		}
	}
	return Draft{members(g, g.Owner(), trainee.ID), trainee.Account, func(to id.Account, name string) Words {
		if to == trainee.Account {
			return write("Your proof of training")
		}
		return write("The proof of training of " + called(name, "a member"))
	}}
}

// lapsed says why a clinician could not become the primary of a chart.
func lapsed(reason string) string {
	switch reason {
	case "not_active_clinician":
		return "they are not an active clinician of the practice"
	case "clinician_not_in_branch":
		return "they do not work in the chart's branch"
	case "primary_left":
		return "the chart was given to somebody else when its primary left"
	}
	return "a rule of the practice stands in the way"
}

// goesOn reports whether the subscription still runs.
func goesOn(g group.State) bool { return g.Subscribed() && !g.Closed() }

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
