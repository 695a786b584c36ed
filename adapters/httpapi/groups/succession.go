package groups

import (
	"time"

	"praxis/adapters/httpapi"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

var (
	errNoOffer     = fault.New(fault.NotFound, "no_ownership_offer", "There is no unanswered offer of the ownership that you made or that was made to you.")
	errNoSuccessor = fault.New(fault.NotFound, "no_successor", "The practice has no named successor, or you may not see who it is.")
)

// offerView is the one unanswered offer of a practice.
type offerView struct {
	To        id.Member `json:"to"`
	ExpiresAt time.Time `json:"expiresAt"`
}

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
	return x.ReplyAt(admission.Revision, offerView{offer.To, offer.ExpiresAt.UTC()})
}

type successorView struct {
	Successor id.Member `json:"successor"`
}

// getSuccessor answers the owner and the one successor whom they named.
func getSuccessor(x *httpapi.Exchange) error {
	var answer successorView
	var owner id.Member
	admission, err := admittedToGroup(x, "successor.get", func(g group.State) { answer.Successor, owner = g.Successor(), g.Owner() })
	if err != nil {
		return err
	}
	if !concerns(admission.Subject.Member, owner, answer.Successor) {
		return errNoSuccessor
	}
	return x.ReplyAt(admission.Revision, answer)
}

// concerns reports whether there is somebody who is to follow the owner, and the
// viewer is one of the two.
func concerns(viewer, owner, follower id.Member) bool {
	return !viewer.IsZero() && !follower.IsZero() && (viewer == owner || viewer == follower)
}

// successionView is an open claim of the successor.
type successionView struct {
	ClaimedBy id.Member `json:"claimedBy"`
	DueAt     time.Time `json:"dueAt"`
}

// successionFor returns the open claim for the owner and the successor who
// made it; nil for everybody else.
func successionFor(viewer id.Member, owner id.Member, c group.SuccessionClaim) *successionView {
	if !concerns(viewer, owner, c.By) {
		return nil
	}
	return &successionView{c.By, c.DueAt.UTC()}
}
