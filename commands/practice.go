package commands

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/membership"
)

// errOperatorOnly answers owners who would convert their practice themselves
// where the installation leaves that to its operators.
var errOperatorOnly = fault.New(fault.Forbidden, "operator_only", "Solo practices are converted by the operator of this installation. Ask them to.")

// SetChartSharing says how widely clinicians share their charts (ADR 18). It
// grants something to many at once, so it needs permission.grant, like every
// other grant: the owner has it and may give it to super admins.
func (e *Engine) SetChartSharing(ctx context.Context, call Call, c group.SetChartSharing) (Receipt, error) {
	return e.setRule(ctx, call, "group.set_chart_sharing", c, func(m id.Member, rule id.Event) groupCommand {
		c.By, c.Rule = m, rule
		return c
	})
}

// ConvertSoloToGroup makes a solo practice one that others can join (G-3, AMB-2).
// It is for operators, by a permission that only they have; where the installation
// lets owners do it (Config.SelfServiceConversion), it takes the permission to
// choose a plan, which in a solo practice is the owner's alone. Fault:
// "operator_only".
func (e *Engine) ConvertSoloToGroup(ctx context.Context, call Call, c group.ConvertSoloToGroup) (Receipt, error) {
	u := e.groupCase(call, "group.convert_solo", access.GroupConvert, c)
	u.operated = true
	switch {
	case call.Operator && call.Process == "":
		c.Operator = call.Account
	case e.selfServiceConversion:
		u.capability = access.SubscriptionManage
	default:
		u.denied = errOperatorOnly
	}
	u.gather = func(ctx context.Context) error {
		prices, err := e.pricesFor(ctx, call.Group)
		if err != nil {
			return err
		}
		c.Book = prices.book
		c.AccountIsClaimed, err = e.ownerIsClaimed(ctx, call.Group)
		return err
	}
	u.decide = func(s group.State, now time.Time) ([]group.Event, error) { return c.Decide(s, now) }
	return execute(ctx, e, call, u)
}

// ownerIsClaimed reports whether the owner's account is tied to the practice, as
// its owner: an account that does not exist never claimed anything (G-7).
func (e *Engine) ownerIsClaimed(ctx context.Context, g id.Group) (claimed bool, err error) {
	var owner id.Member
	var account id.Account
	err = e.groups.view(ctx, group.Stream(g), func(s group.State, _ es.Revision) error {
		owner, account = s.Owner(), s.OwnerAccount()
		return nil
	})
	if err != nil || account.IsZero() {
		return false, err
	}
	err = e.claims.view(ctx, membership.Stream(account), func(s membership.State, _ es.Revision) error {
		holder, member, held := s.Holder()
		claimed = held && holder == g && member == owner
		return nil
	})
	return claimed, err
}
