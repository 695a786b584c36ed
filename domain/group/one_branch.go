package group

import "praxis/domain/fault"

var errOneBranch = fault.New(fault.Rejected, "plan_allows_one_branch", "Without a paid plan a practice has one branch. Start the subscription, or buy a licence, to open another.")

// AllowsOneBranch reports whether the practice may open no further branch: it has
// fallen back to the free plan, because its subscription ended or because no
// licence of it is paid (L-12). Branches that are open stay open, and charts stay
// where they are. A trial counts as a plan, and so does a practice that never had
// a subscription.
func (s State) AllowsOneBranch() bool {
	if _, over := s.EndedOn(); over {
		return true
	}
	if !s.Subscribed() || s.subscription.inTrial() {
		return false
	}
	for _, l := range s.subscription.licences {
		if !l.Pending {
			return false
		}
	}
	return true
}
