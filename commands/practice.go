package commands

import (
	"context"

	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/membership"
	"praxis/domain/pricing"
)

// errOperatorOnly answers owners who would convert their practice themselves
// where the installation leaves that to its operators.
var errOperatorOnly = fault.New(fault.Forbidden, "operator_only", "Solo practices are converted by the operator of this installation. Ask them to.")

// convert is how a solo practice becomes one that others can join, by whom it may be.
func convert(needs access.Capability, actors Actors, denied *fault.Error) groupSpec[group.ConvertSoloToGroup, group.ConversionFacts] {
	return groupSpec[group.ConvertSoloToGroup, group.ConversionFacts]{
		On: onGroup, Name: "group.convert_solo", Operation: "convertSoloToGroup", Needs: needs, Actors: actors, Denied: denied,
		Sample: group.ConvertSoloToGroup{Plan: pricing.TherapistBasic},
		Facts: func(ctx context.Context, w *World, g id.Group, _ group.ConvertSoloToGroup) (f group.ConversionFacts, err error) {
			if w.Actor.Kind == access.KindOperator {
				f.Operator = w.Actor.Account
			}
			prices, err := w.engine.pricesFor(ctx, g)
			if err != nil {
				return f, err
			}
			f.Book = prices.book
			f.AccountIsClaimed, err = w.ownerIsClaimed(ctx)
			return f, err
		},
		Decide: group.ConvertSoloToGroup.Decide,
	}
}

var (
	convertByOperator = declare(convert(access.GroupConvert, AlsoOperators, errOperatorOnly))
	convertByOwner    = declare(convert(access.SubscriptionManage, Actors{}, nil))
)

// ConvertSoloToGroup makes a solo practice one that others can join (G-3, AMB-2).
// It is for operators, by a permission that only they have; where the installation
// lets owners do it (Config.SelfServiceConversion), it takes the permission to
// choose a plan, which in a solo practice is the owner's alone. Fault:
// "operator_only".
var ConvertSoloToGroup = &Command[group.ConvertSoloToGroup]{
	convertByOperator.Description,
	func(ctx context.Context, e *Engine, call Call, c group.ConvertSoloToGroup) (Receipt, error) {
		if operator := call.Operator && call.Process == ""; !operator && e.config.SelfServiceConversion {
			return convertByOwner.Give(ctx, e, call, c)
		}
		return convertByOperator.Give(ctx, e, call, c)
	},
}

// ownerIsClaimed reports whether the owner's account is tied to the practice, as
// its owner: an account that does not exist never claimed anything (G-7).
func (w *World) ownerIsClaimed(ctx context.Context) (claimed bool, err error) {
	var owner membership.Claim
	var account id.Account
	w.Group(func(s group.State) {
		owner, account = membership.Claim{Group: w.Call.Group, Member: s.Owner()}, s.OwnerAccount()
	})
	if account.IsZero() {
		return false, nil
	}
	held, _, err := w.engine.claimOn(ctx, account)
	return held == owner, err
}
