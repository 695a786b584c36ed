package groups

import (
	"praxis/adapters/httpapi"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

var (
	errNoOffer     = fault.New(fault.NotFound, "no_ownership_offer", "There is no unanswered offer of the ownership that you made or that was made to you.")
	errNoSuccessor = fault.New(fault.NotFound, "no_successor", "The practice has no named successor, or you may not see who it is.")
)

// getOwnershipOffer answers the owner and whom the practice is offered to.
func getOwnershipOffer(x *httpapi.Exchange) error {
	var offer group.OwnershipOffer
	var owner id.Member
	admission, err := admittedToGroup(x, "ownership_offer.get", func(g group.State) { offer, _ = g.OwnershipOffer(); owner = g.Owner() })
	if err != nil {
		return err
	}
	if !concerns(admission.Subject.Member, owner, offer.To) {
		return errNoOffer
	}
	return x.ReplyAt(admission.Revision, offer)
}

// getSuccessor answers the owner and the one successor whom they named.
func getSuccessor(x *httpapi.Exchange) error {
	var successor, owner id.Member
	admission, err := admittedToGroup(x, "successor.get", func(g group.State) { successor, owner = g.Successor(), g.Owner() })
	if err != nil {
		return err
	}
	if !concerns(admission.Subject.Member, owner, successor) {
		return errNoSuccessor
	}
	return x.ReplyAt(admission.Revision, map[string]id.Member{"successor": successor})
}

// concerns reports whether there is somebody who is to follow the owner, and the
// viewer is one of the two.
func concerns(viewer, owner, follower id.Member) bool {
	return !viewer.IsZero() && !follower.IsZero() && (viewer == owner || viewer == follower)
}

// successionFor returns the open claim for the owner and the successor who
// made it; nil for everybody else.
func successionFor(viewer id.Member, owner id.Member, c group.SuccessionClaim) *group.SuccessionClaim {
	if !concerns(viewer, owner, c.By) {
		return nil
	}
	return &c
}
