package licences

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections"
)

// Name is the projection's name.
const Name = "licences"

// Projector writes licences, charges and the seat ledger.
type Projector struct{}

// Name is the stable name of the projection.
func (Projector) Name() string { return Name }

// Version counts changes of the rows' meaning.
func (Projector) Version() int { return 1 }

// Schema is the read model's own schema.
func (Projector) Schema() string { return "licences" }

// Tables lists what a rebuild empties.
func (Projector) Tables() []string {
	return []string{"subscription", "licence", "invitation", "proof", "charge", "line", "movement", "seat"}
}

// Categories lists what the rows are made of.
func (Projector) Categories() []es.Category { return []es.Category{group.Category} }

// Project turns one event of a group into statements.
func (Projector) Project(b *pgx.Batch, e es.Envelope) error {
	event, ok := e.Event.(group.Event)
	if !ok {
		return nil
	}
	g, ok := e.Stream.Group()
	if !ok {
		return nil
	}
	w := &writer{batch: b, group: g, at: e.RecordedAt, revision: int64(e.Revision)}
	w.subscription(event)
	w.licences(event)
	w.reservations(event)
	w.proofs(event)
	w.charges(event)
	w.refunds(event)
	return w.err
}

// writer queues the statements of one event.
type writer struct {
	batch    *pgx.Batch
	group    id.Group
	at       time.Time
	revision int64
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

const startSubscription = `
insert into subscription (group_id, zone, currency, started_on) values ($1, $2, $3, $4)
on conflict (group_id) do update set zone = excluded.zone, currency = excluded.currency, started_on = excluded.started_on,
   period_start = null, period_end = null, ends_on = null, ended = false`

func (w *writer) subscription(event any) {
	update := func(set string, args ...any) {
		w.batch.Queue("update subscription set "+set+" where group_id = $1", append([]any{w.group}, args...)...)
	}
	switch ev := event.(type) {
	case group.SubscriptionStarted:
		w.batch.Queue(startSubscription, w.group, string(ev.Zone), string(ev.Currency), ev.On)
	case group.SubscriptionCancellationScheduled:
		update("ends_on = $2", ev.Effective)
	case group.SubscriptionKept:
		update("ends_on = null")
	case group.SubscriptionCancelled:
		update("ends_on = $2, ended = true, period_start = null, period_end = null", ev.On)
	case group.TrialStarted:
		update("trial_on = $2, trial_ends_at = $3", ev.On, ev.EndsAt)
	case group.TrialExpired:
		update("trial_over_on = $2", ev.On)
	case group.BillingPeriodStarted:
		update("period_start = $2, period_end = $3", ev.Period.Start, ev.Period.End)
	}
}

// reservations follows the invitations that licences are kept for.
func (w *writer) reservations(event any) {
	answered := func(i id.Invitation) {
		w.batch.Queue("delete from invitation where group_id = $1 and invitation_id = $2", w.group, i)
	}
	switch ev := event.(type) {
	case group.MemberInvited:
		w.batch.Queue(`insert into invitation (group_id, invitation_id, expires_at) values ($1, $2, $3)
on conflict (group_id, invitation_id) do update set expires_at = excluded.expires_at`, w.group, ev.Invitation, ev.ExpiresAt)
	case group.MemberJoined:
		answered(ev.Invitation)
	case group.InvitationDeclined:
		answered(ev.Invitation)
	case group.InvitationRevoked:
		answered(ev.Invitation)
	case group.InvitationExpired:
		answered(ev.Invitation)
	case group.GroupClosed:
		w.batch.Queue("delete from invitation where group_id = $1", w.group)
	case group.LicenceReserved:
		w.licence(ev.Licence, "invitation_id = $2, profession = $3", ev.Invitation, string(ev.Profession))
	case group.LicenceUnreserved:
		w.licence(ev.Licence, "invitation_id = null, profession = ''")
	}
}

const insertProof = `
insert into proof (group_id, proof_id, member_id, kind, programme, valid_from, valid_until) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (group_id, proof_id) do nothing`

func (w *writer) proofs(event any) {
	switch ev := event.(type) {
	case group.TraineeProofSubmitted:
		w.batch.Queue(insertProof, w.group, ev.Proof, projections.OrNull(ev.Member), string(ev.Kind), ev.Programme, ev.ValidFrom, ev.ValidUntil)
	case group.TraineeProofVerified:
		w.batch.Queue("update proof set verified = true where group_id = $1 and proof_id = $2", w.group, ev.Proof)
	case group.TraineeProofExpired:
		w.batch.Queue("update proof set expired = true where group_id = $1 and proof_id = $2", w.group, ev.Proof)
	}
}
