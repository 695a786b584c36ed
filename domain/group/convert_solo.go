package group

import (
	"time"

	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

var (
	errSolo         = fault.New(fault.Rejected, "solo_practice", "This is a solo practice: its owner works alone. Have it converted to a group practice before inviting anybody.")
	errNotSolo      = fault.New(fault.Rejected, "not_solo", "This practice is a group practice already.")
	errNoAccount    = fault.New(fault.Rejected, "account_required", "A group practice needs an owner with an account that belongs to it. Sign the owner in first.")
	errPlanRequired = fault.New(fault.Rejected, "plan_required", "Choose a plan first: one that is offered at present, and on which the practice has a licence.")
)

// ConvertSoloToGroup makes a solo practice one that others can join (G-3): with
// the owner's existing account, on a plan that the practice has chosen. Ids stay,
// so that charts, billing period and what is left of the trial go on unchanged
// (AMB-2, AMB-10). Who may is for the use case to say. Rejections: "not_solo",
// "account_required", "plan_required".
type ConvertSoloToGroup struct {
	Plan pricing.PlanID `json:"plan"`
	// Operator is who converts it; zero for the owner.
	Operator id.Account `json:"-"`
	// AccountIsClaimed reports that the owner's account is tied to this practice as
	// this owner (package membership): that is how an account is known to exist.
	AccountIsClaimed bool `json:"-"`
	// Book is the operator's price book in the group's currency.
	Book pricing.Book `json:"-"`
}

// Decide converts the practice.
func (c ConvertSoloToGroup) Decide(s State, now time.Time) ([]Event, error) {
	today, err := s.today(now)
	if err != nil {
		return nil, err
	}
	if !s.solo {
		return nil, errNotSolo
	}
	if !c.AccountIsClaimed {
		return nil, errNoAccount
	}
	if _, offered := c.Book.Price(c.Plan, today); !offered || !s.subscribesTo(c.Plan) {
		return nil, errPlanRequired
	}
	return []Event{SoloPracticeConverted{Account: s.OwnerAccount(), Plan: c.Plan, Operator: c.Operator}}, nil
}

// Solo reports whether the practice was founded for its owner alone and not
// converted since.
func (s State) Solo() bool { return s.solo }

// OwnerAccount returns the owner's account; zero before the practice exists.
func (s State) OwnerAccount() id.Account {
	owner, _ := s.Member(s.owner)
	return owner.Account
}

// subscribesTo reports whether the practice has a licence on the plan that goes on.
func (s State) subscribesTo(p pricing.PlanID) bool {
	for _, l := range s.subscription.licences {
		if s.Subscribed() && l.Plan == p && !l.Releasing {
			return true
		}
	}
	return false
}
