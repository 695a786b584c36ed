package commands

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// licenceCase is what all commands about licences and their money share; whoever
// may not hears that it is the owner's matter.
func (e *Engine) licenceCase(call Call, name string, needs access.Capability, c groupCommand) useCase[group.State, group.Event] {
	u := e.groupCase(call, name, needs, c)
	u.denied = group.ErrLicencesOwnerOnly
	return u
}

// StartSubscription begins to charge the practice, with a licence for every
// present clinician.
func (e *Engine) StartSubscription(ctx context.Context, call Call, c group.StartSubscription) (Receipt, error) {
	u := e.licenceCase(call, "group.start_subscription", access.SubscriptionManage, c)
	return execute(ctx, e, call, e.priced(call, u, func(b pricing.Book) groupCommand { c.Book = b; return c }))
}

// StartTrial starts the subscription with the owner's own trial (L-10, L-11),
// which began when they joined and lasts Config.OwnTrial.
func (e *Engine) StartTrial(ctx context.Context, call Call, c group.StartTrial) (Receipt, error) {
	u := e.licenceCase(call, "group.start_trial", access.SubscriptionManage, c)
	u.facts = func(g group.State, _ access.Subject) error {
		if owner, known := g.Member(g.Owner()); known && e.ownTrial > 0 {
			c.OwnerTrialEnds = owner.JoinedAt.Add(e.ownTrial)
		}
		return nil
	}
	return execute(ctx, e, call, e.priced(call, u, func(b pricing.Book) groupCommand { c.Book = b; return c }))
}

// PurchaseLicences buys licences on one plan at the total that was shown.
func (e *Engine) PurchaseLicences(ctx context.Context, call Call, c group.PurchaseLicences) (Receipt, error) {
	u := e.licenceCase(call, "group.purchase_licences", access.LicencePurchase, c)
	return execute(ctx, e, call, e.priced(call, u, func(b pricing.Book) groupCommand { c.Book = b; return c }))
}

// ChangeLicencePlan puts a licence on another plan, now or with the next period.
func (e *Engine) ChangeLicencePlan(ctx context.Context, call Call, c group.ChangeLicencePlan) (Receipt, error) {
	u := e.licenceCase(call, "group.change_licence_plan", access.SubscriptionManage, c)
	return execute(ctx, e, call, e.priced(call, u, func(b pricing.Book) groupCommand { c.Book = b; return c }))
}

// AssignLicence gives a free licence to a member, who becomes a clinician by it.
func (e *Engine) AssignLicence(ctx context.Context, call Call, c group.AssignLicence) (Receipt, error) {
	return execute(ctx, e, call, e.licenceCase(call, "group.assign_licence", access.LicencePurchase, c))
}

// UnassignLicence frees a licence whose holder treats nobody any more.
func (e *Engine) UnassignLicence(ctx context.Context, call Call, c group.UnassignLicence) (Receipt, error) {
	u := e.licenceCase(call, "group.unassign_licence", access.LicencePurchase, c)
	return execute(ctx, e, call, e.withHolder(call, u, c.Licence, func(charts int) groupCommand { c.AssignedCharts = charts; return c }))
}

// MoveLicence takes a licence from its holder and gives it to another member.
func (e *Engine) MoveLicence(ctx context.Context, call Call, c group.MoveLicence) (Receipt, error) {
	u := e.licenceCase(call, "group.move_licence", access.LicencePurchase, c)
	return execute(ctx, e, call, e.withHolder(call, u, c.Licence, func(charts int) groupCommand { c.AssignedCharts = charts; return c }))
}

// withHolder completes a use case that takes a licence away: with makes the
// command for the number of charts that the holder is primary of. Whose charts
// count is known only when it is decided. Fault: "rosters_unavailable".
func (e *Engine) withHolder(call Call, u useCase[group.State, group.Event], l id.Licence, with func(charts int) groupCommand) useCase[group.State, group.Event] {
	var charts []group.ChartFacts
	u.gather = func(ctx context.Context) (err error) { charts, err = e.needRoster(ctx, call.Group); return err }
	u.decide = func(s group.State, now time.Time) ([]group.Event, error) {
		licence, _ := s.Licence(l)
		held := count(charts, func(f group.ChartFacts) bool { return f.Primary == licence.Holder })
		return with(held).Decide(s, now)
	}
	return u
}

// ScheduleLicenceRelease gives a free licence up at the end of the period.
func (e *Engine) ScheduleLicenceRelease(ctx context.Context, call Call, c group.ScheduleLicenceRelease) (Receipt, error) {
	return execute(ctx, e, call, e.licenceCase(call, "group.schedule_licence_release", access.LicencePurchase, c))
}

// ReleaseLicenceNow gives a free licence up today and pays its unused days back,
// where the price book says so.
func (e *Engine) ReleaseLicenceNow(ctx context.Context, call Call, c group.ReleaseLicenceNow) (Receipt, error) {
	u := e.licenceCase(call, "group.release_licence_now", access.LicencePurchase, c)
	return execute(ctx, e, call, e.priced(call, u, func(b pricing.Book) groupCommand { c.Book = b; return c }))
}

// CancelSubscription lets the subscription end with the period, or the trial.
func (e *Engine) CancelSubscription(ctx context.Context, call Call, c group.CancelSubscription) (Receipt, error) {
	return execute(ctx, e, call, e.licenceCase(call, "group.cancel_subscription", access.SubscriptionManage, c))
}

// KeepSubscription calls off a cancellation that was scheduled.
func (e *Engine) KeepSubscription(ctx context.Context, call Call, c group.KeepSubscription) (Receipt, error) {
	return execute(ctx, e, call, e.licenceCase(call, "group.keep_subscription", access.SubscriptionManage, c))
}

// CancelRelease keeps a licence that was to be released.
func (e *Engine) CancelRelease(ctx context.Context, call Call, c group.CancelRelease) (Receipt, error) {
	return execute(ctx, e, call, e.licenceCase(call, "group.cancel_release", access.LicencePurchase, c))
}

// ReplacePaymentMethod names what is charged from now on.
func (e *Engine) ReplacePaymentMethod(ctx context.Context, call Call, c group.ReplacePaymentMethod) (Receipt, error) {
	return execute(ctx, e, call, e.licenceCase(call, "group.replace_payment_method", access.SubscriptionManage, c))
}

// SubmitTraineeProof keeps a claim that somebody is in training.
func (e *Engine) SubmitTraineeProof(ctx context.Context, call Call, c group.SubmitTraineeProof) (Receipt, error) {
	u := e.licenceCase(call, "group.submit_trainee_proof", access.SubscriptionManage, c)
	return execute(ctx, e, call, by(u, func(m id.Member) groupCommand { c.By = m; return c }))
}

// VerifyTraineeProof says that a proof was checked, by somebody else than the trainee.
func (e *Engine) VerifyTraineeProof(ctx context.Context, call Call, c group.VerifyTraineeProof) (Receipt, error) {
	u := e.licenceCase(call, "group.verify_trainee_proof", access.SubscriptionManage, c)
	return execute(ctx, e, call, by(u, func(m id.Member) groupCommand { c.By = m; return c }))
}
