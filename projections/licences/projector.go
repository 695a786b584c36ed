package licences

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/projections"
	"praxis/projections/rows"
)

// Name is the projection's name.
const Name = "licences"

//go:embed schema.sql
var ddl string

// The tables of this version, as queries name them.
var (
	subscriptionTable = projections.Table(Projector{}, "subscription")
	licenceTable      = projections.Table(Projector{}, "licence")
	invitationTable   = projections.Table(Projector{}, "invitation")
	proofTable        = projections.Table(Projector{}, "proof")
	chargeTable       = projections.Table(Projector{}, "charge")
	lineTable         = projections.Table(Projector{}, "line")
	movementTable     = projections.Table(Projector{}, "movement")
	seatTable         = projections.Table(Projector{}, "seat")
)

// Projector writes licences, charges and the seat ledger.
type Projector struct{}

// Name is the stable name of the projection.
func (Projector) Name() string { return Name }

// Version counts changes of the rows' meaning.
func (Projector) Version() int { return 2 }

// DDL makes the tables.
func (Projector) DDL() string { return ddl }

// Tables lists all of them.
func (Projector) Tables() []string {
	return []string{"subscription", "licence", "invitation", "proof", "charge", "line", "movement", "seat"}
}

// Categories lists what the rows are made of.
func (Projector) Categories() []es.Category { return []es.Category{group.Category} }

// subscriptionKept is the subscription of a practice.
type subscriptionKept struct {
	Group       id.Group       `db:"group_id"`
	Zone        civil.Zone     `db:"zone"`
	Currency    money.Currency `db:"currency"`
	StartedOn   civil.Date     `db:"started_on"`
	TrialOn     civil.Date     `db:"trial_on"`
	TrialEndsAt *time.Time     `db:"trial_ends_at"`
	TrialOverOn civil.Date     `db:"trial_over_on"`
	PeriodStart civil.Date     `db:"period_start"`
	PeriodEnd   civil.Date     `db:"period_end"`
	EndsOn      civil.Date     `db:"ends_on"`
	Ended       bool           `db:"ended"`
}

// invitationKept is an invitation that a licence may be kept for.
type invitationKept struct {
	Group      id.Group      `db:"group_id"`
	Invitation id.Invitation `db:"invitation_id"`
	ExpiresAt  time.Time     `db:"expires_at"`
}

// invitationKey names an invitation: its id is unique within its practice.
type invitationKey struct {
	Group      id.Group
	Invitation id.Invitation
}

// proofKept is a proof of training.
type proofKept struct {
	Group      id.Group            `db:"group_id"`
	Proof      id.TraineeProof     `db:"proof_id"`
	Member     id.Member           `db:"member_id,null"`
	Kind       pricing.TraineeKind `db:"kind"`
	Programme  string              `db:"programme"`
	ValidFrom  civil.Date          `db:"valid_from"`
	ValidUntil civil.Date          `db:"valid_until"`
	Verified   bool                `db:"verified"`
	Expired    bool                `db:"expired"`
}

// proofKey names a proof: its id is unique within its practice.
type proofKey struct {
	Group id.Group
	Proof id.TraineeProof
}

var (
	subscriptions = rows.NewTable("subscription", func(r *subscriptionKept) id.Group { return r.Group }, "group_id")
	invitations   = rows.NewTable("invitation", func(r *invitationKept) invitationKey { return invitationKey{r.Group, r.Invitation} }, "group_id", "invitation_id")
	invitationsOf = rows.NewIndex(invitations, func(r *invitationKept) id.Group { return r.Group }, "group_id")
	proofs        = rows.NewTable("proof", func(r *proofKept) proofKey { return proofKey{r.Group, r.Proof} }, "group_id", "proof_id")
)

// Project notes what one event of a group does.
func (Projector) Project(b *rows.Batch, e es.Envelope) error {
	event, ok := e.Event.(group.Event)
	if !ok {
		return nil
	}
	g, ok := e.Stream.Group()
	if !ok {
		return nil
	}
	w := &writer{batch: b, group: g, at: e.RecordedAt, revision: e.Revision}
	w.subscription(event)
	w.licences(event)
	w.reservations(event)
	w.proofs(event)
	w.charges(event)
	w.refunds(event)
	return w.err
}

// writer notes what one event does.
type writer struct {
	batch    *rows.Batch
	group    id.Group
	at       time.Time
	revision es.Revision
	// err is the first value that could not be written as JSON.
	err error
}

// detail is a value as JSON, whole, so that what events say more one day is kept.
func (w *writer) detail(v any) string {
	raw, err := json.Marshal(v)
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("write terms or line: %w", err)
	}
	return string(raw)
}

func (w *writer) subscription(event any) {
	update := func(change func(*subscriptionKept)) { subscriptions.Change(w.batch, w.group, change) }
	switch ev := event.(type) {
	case group.SubscriptionStarted:
		started := subscriptionKept{Group: w.group, Zone: ev.Zone, Currency: ev.Currency, StartedOn: ev.On}
		subscriptions.Upsert(w.batch, started, func(r *subscriptionKept) {
			had := *r
			*r = started
			// A practice has one trial, whatever becomes of its subscription.
			r.TrialOn, r.TrialEndsAt, r.TrialOverOn = had.TrialOn, had.TrialEndsAt, had.TrialOverOn
		})
	case group.SubscriptionCancellationScheduled:
		update(func(r *subscriptionKept) { r.EndsOn = ev.Effective })
	case group.SubscriptionKept:
		update(func(r *subscriptionKept) { r.EndsOn = civil.Date{} })
	case group.SubscriptionCancelled:
		update(func(r *subscriptionKept) {
			r.EndsOn, r.Ended, r.PeriodStart, r.PeriodEnd = ev.On, true, civil.Date{}, civil.Date{}
		})
	case group.TrialStarted:
		update(func(r *subscriptionKept) { r.TrialOn, r.TrialEndsAt = ev.On, &ev.EndsAt })
	case group.TrialExpired:
		update(func(r *subscriptionKept) { r.TrialOverOn = ev.On })
	case group.BillingPeriodStarted:
		update(func(r *subscriptionKept) { r.PeriodStart, r.PeriodEnd = ev.Period.Start, ev.Period.End })
	}
}

// reservations follows the invitations that licences are kept for.
func (w *writer) reservations(event any) {
	answered := func(i id.Invitation) { invitations.Delete(w.batch, invitationKey{w.group, i}) }
	switch ev := event.(type) {
	case group.MemberInvited:
		invitations.Put(w.batch, invitationKept{Group: w.group, Invitation: ev.Invitation, ExpiresAt: ev.ExpiresAt})
	case group.MemberJoined:
		answered(ev.Invitation)
	case group.InvitationDeclined:
		answered(ev.Invitation)
	case group.InvitationRevoked:
		answered(ev.Invitation)
	case group.InvitationExpired:
		answered(ev.Invitation)
	case group.GroupClosed:
		invitationsOf.Delete(w.batch, w.group, func(*invitationKept) bool { return true })
	case group.LicenceReserved:
		w.licence(ev.Licence, func(r *licenceKept) { r.Invitation, r.Profession = ev.Invitation, ev.Profession })
	case group.LicenceUnreserved:
		w.licence(ev.Licence, func(r *licenceKept) { r.Invitation, r.Profession = id.Invitation{}, "" })
	}
}

func (w *writer) proofs(event any) {
	update := func(p id.TraineeProof, change func(*proofKept)) { proofs.Change(w.batch, proofKey{w.group, p}, change) }
	switch ev := event.(type) {
	case group.TraineeProofSubmitted:
		proofs.Upsert(w.batch, proofKept{
			Group: w.group, Proof: ev.Proof, Member: ev.Member, Kind: ev.Kind, Programme: ev.Programme, ValidFrom: ev.ValidFrom, ValidUntil: ev.ValidUntil,
		}, nil)
	case group.TraineeProofVerified:
		update(ev.Proof, func(r *proofKept) { r.Verified = true })
	case group.TraineeProofExpired:
		update(ev.Proof, func(r *proofKept) { r.Expired = true })
	}
}
