package letters

import (
	"strconv"
	"time"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/money"
)

// person names somebody whose name may be unknown.
func person(name, otherwise string) string {
	if name = Line(name); name != "" {
		return name
	}
	return otherwise
}

// Accepted tells an inviter that somebody joined.
func (p Practice) Accepted(name string, r access.Role, clinician bool) Letter {
	who := person(name, "Somebody whom you invited")
	return p.write(who+" joined "+p.name(), who+" accepted your invitation and belongs to "+p.name()+" from now on, "+as(r, clinician)+".")
}

// Declined tells an inviter that an invitation was turned down.
func (p Practice) Declined(r access.Role, clinician bool) Letter {
	return p.write("An invitation to "+p.name()+" was declined",
		"Somebody whom you invited to join "+p.name()+" "+as(r, clinician)+" declined.",
		"You can invite the same address again.")
}

// MembershipEnded tells somebody that they do not belong to the practice any more.
func (p Practice) MembershipEnded() Letter {
	return p.write("Your membership of "+p.name()+" ended",
		"Your membership of "+p.name()+" has ended, and with it your access to what the practice keeps in Praxis.",
		"If you did not expect this, ask the practice.")
}

// OwnershipOffered tells a member that the practice is offered to them.
func (p Practice) OwnershipOffered(until time.Time) Letter {
	return p.write("You are offered the ownership of "+p.name(),
		"The owner of "+p.name()+" offers the ownership of the practice to you. It becomes yours only if you accept it in Praxis.",
		"The offer holds until "+p.when(until)+".")
}

// OwnershipReceived tells the new owner that they are it.
func (p Practice) OwnershipReceived() Letter {
	return p.write("You own "+p.name(),
		"The ownership of "+p.name()+" was transferred to you. The former owner is a super admin of the practice now.")
}

// OwnershipGiven tells the former owner who they are now.
func (p Practice) OwnershipGiven(to string) Letter {
	return p.write("The ownership of "+p.name()+" was transferred",
		"The ownership of "+p.name()+" was transferred to "+person(to, "another member")+". You are a super admin of the practice now.",
		"If you did not expect this, ask the new owner or the people who operate Praxis for you.")
}

// SuccessorNamed tells a member that they are to follow the owner one day.
func (p Practice) SuccessorNamed() Letter {
	return p.write("You are named as successor at "+p.name(),
		"The owner of "+p.name()+" named you as their successor. This changes nothing today: it says who is to follow one day.",
		"When that day comes, you can claim the practice in Praxis. The owner is told, and has thirty days to object.")
}

// OwnPermission tells that the owner gave a permission to themselves (AMB-11).
func (p Practice) OwnPermission(owner string, c access.Capability) Letter {
	return p.write("The owner of "+p.name()+" gave themselves a permission",
		person(owner, "The owner")+", who owns "+p.name()+", gave themselves the permission \""+Line(string(c))+"\".",
		"Every super admin and the owner are told whenever that happens. Nothing has to be done if it is as it should be.")
}

// TrialEnded tells the owner that the trial is over. GoesOn says that the
// subscription was not cancelled.
func (p Practice) TrialEnded(goesOn bool) Letter {
	next := "The first paid period of the subscription starts today; Praxis shows its charge and what each line of it is for."
	if !goesOn {
		next = "The subscription was cancelled and ended with it; nothing is charged."
	}
	return p.write("The trial of "+p.name()+" ended", "The trial of "+p.name()+" is over. "+next)
}

// ChargeFailed tells the owner that money could not be collected.
func (p Practice) ChargeFailed(amount money.Money, purchase bool) Letter {
	last := "It is tried again with the payment method that the practice names."
	if purchase {
		last = "It is tried again. Licences that stay unpaid for seven days are taken back."
	}
	return p.write("A payment of "+p.name()+" failed",
		"The subscription charge of "+amount.String()+" for "+p.name()+" could not be collected.",
		last+" If the card is not right any more, name another one in Praxis.")
}

// PurchaseCancelled tells the owner that unpaid licences were taken back (BIL-A11).
// GoesOn says that the subscription still runs: else they ended with it.
func (p Practice) PurchaseCancelled(goesOn bool) Letter {
	subject := "An unpaid purchase of " + p.name() + " was cancelled"
	if !goesOn {
		return p.write(subject, "Licences that "+p.name()+" bought were not paid when its subscription ended. The purchase was cancelled. Money that still comes for it goes back.")
	}
	return p.write(subject,
		"Licences that "+p.name()+" bought stayed unpaid for seven days. The purchase was cancelled and nothing is charged for it.",
		"The licences can be bought again at any time.")
}

// Refunded tells the owner that money of the subscription went back.
func (p Practice) Refunded(amount money.Money) Letter {
	return p.write("A refund for "+p.name(),
		amount.String()+" of the subscription of "+p.name()+" went back to the payment method that it came from. Praxis shows what it is for.",
		"Banks may take some days until they show it.")
}

// RefundFailed tells the owner that money could not be given back.
func (p Practice) RefundFailed(amount money.Money) Letter {
	return p.write("A refund for "+p.name()+" failed",
		amount.String()+" of the subscription of "+p.name()+" had to go back, but the payment method that it came from did not take it. It is still owed to the practice.",
		"Ask the people who operate Praxis for you to pay it back by another way.")
}

// SubscriptionEnding tells the owner that the subscription was cancelled. Effective
// is the first day without it.
func (p Practice) SubscriptionEnding(effective civil.Date) Letter {
	return p.write("The subscription of "+p.name()+" was cancelled",
		"The subscription of "+p.name()+" was cancelled. "+day(effective)+" is the first day without it; until then everything stays as it is.",
		"Up to then it can be kept in Praxis.")
}

// SubscriptionEnded tells the owner that the subscription is over, with its
// licences. On is the first day without it.
func (p Practice) SubscriptionEnded(on civil.Date) Letter {
	return p.write("The subscription of "+p.name()+" ended",
		"The subscription of "+p.name()+" has ended, and all its licences with it. "+day(on)+" is the first day without it. No further period is charged; what was charged before stays due.",
		"A subscription can be started again at any time.")
}

// Closed tells who still belongs to the practice that it has ended.
func (p Practice) Closed() Letter {
	return p.write(p.name()+" was closed",
		p.name()+" was closed in Praxis. Nothing of it can be changed any more, its invitations are void, and no further period is charged.",
		"Its records can still be read and exported.")
}

// ProofEnding warns of the end of a proof of training (BIL-A10). Trainee is who is
// in training; the letter to themselves does not name them.
func (p Practice) ProofEnding(trainee string, forTrainee bool, days int, until civil.Date) Letter {
	whose := proofOf(trainee, forTrainee)
	return p.write("A proof of training ends in "+strconv.Itoa(days)+" days or less",
		whose+" at "+p.name()+" is valid up to and including "+day(until)+".",
		"Without a new proof, the licence costs its full price from the next period on.")
}

// ProofEnded tells that a proof of training is over (BIL-A10, AMB-9).
func (p Practice) ProofEnded(trainee string, forTrainee bool) Letter {
	return p.write("A proof of training ended",
		proofOf(trainee, forTrainee)+" at "+p.name()+" is not valid any more.",
		"The licence costs its full price from the next period on, never backwards. A new proof brings the reduced price back.")
}

func proofOf(trainee string, forTrainee bool) string {
	if forTrainee {
		return "Your proof of training"
	}
	return "The proof of training of " + person(trainee, "a member")
}
