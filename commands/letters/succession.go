package letters

import "time"

// The letters of a succession: the owner gets one at once after a claim, and again
// before it is fulfilled, because silence counts as a yes (AMB-1).

// SuccessionClaimed tells the owner that their successor wants to take over.
func (p Practice) SuccessionClaimed(successor string, due time.Time) Letter {
	return p.write("Your successor claims "+p.name(),
		person(successor, "The member")+", whom you named as your successor at "+p.name()+", wants to take the practice over.",
		p.unlessStopped(due), howToStop)
}

// SuccessionComing reminds the owner of a claim before it is fulfilled.
func (p Practice) SuccessionComing(successor string, due time.Time) Letter {
	return p.write("The ownership of "+p.name()+" is about to change",
		person(successor, "The member")+", whom you named as your successor at "+p.name()+", has claimed the practice, and nothing has stopped that so far.",
		p.unlessStopped(due), howToStop)
}

func (p Practice) unlessStopped(due time.Time) string {
	return "Unless you object, the ownership goes to them on " + p.when(due) + ". You are a super admin of the practice then."
}

const howToStop = "To object, sign in and reject the claim in Praxis. Naming another successor or none, or offering the ownership to somebody, stops it too."

// SuccessionRejected tells the successor that the owner said no.
func (p Practice) SuccessionRejected() Letter {
	return p.write("The owner of "+p.name()+" objects to your claim",
		"The owner of "+p.name()+" rejected your claim to the practice. Nothing changes, and you are still named as their successor.")
}

// SuccessionWithdrawn tells the owner that a claim was taken back.
func (p Practice) SuccessionWithdrawn(successor string) Letter {
	return p.write("The claim to "+p.name()+" was withdrawn",
		person(successor, "The member")+", whom you named as your successor, does not claim "+p.name()+" any more. You stay its owner.")
}
