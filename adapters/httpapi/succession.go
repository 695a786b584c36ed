package httpapi

import (
	"time"

	"praxis/commands"
	"praxis/domain/group"
	"praxis/domain/id"
)

func (a *api) claimSuccession(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	receipt, err := a.Engine.ClaimSuccession(x.ctx(), call)
	return "", receipt, err
}

func (a *api) withdrawSuccession(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	receipt, err := a.Engine.WithdrawSuccession(x.ctx(), call)
	return "", receipt, err
}

func (a *api) rejectSuccession(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	receipt, err := a.Engine.RejectSuccession(x.ctx(), call)
	return "", receipt, err
}

// successionView is an open claim of the successor.
type successionView struct {
	ClaimedBy id.Member `json:"claimedBy"`
	DueAt     time.Time `json:"dueAt"`
}

// successionFor returns the open claim for whom it concerns, the owner and whoever
// made it; nil for everybody else.
func successionFor(viewer id.Member, owner id.Member, c group.SuccessionClaim) *successionView {
	if viewer.IsZero() || c.By.IsZero() || viewer != owner && viewer != c.By {
		return nil
	}
	return &successionView{c.By, c.DueAt.UTC()}
}
