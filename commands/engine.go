package commands

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"praxis/commands/notification"
	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/booking"
	"praxis/domain/bulk"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/household"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/membership"
	"praxis/domain/pricing"
)

// Engine carries out commands and answers who may see what. It is safe for
// concurrent use; several engines may work on one store.
type Engine struct {
	config    Config
	outsiders *outsiders
	// commits append to access logs what was shown, signIns who was seen for the first time.
	commits *groupCommit
	signIns signIns
	// forgotten counts the calls of Forget.
	forgotten atomic.Int64

	groups     *repository[group.State, group.Event]
	claims     *repository[membership.State, membership.Event]
	charts     *repository[chart.State, chart.Event]
	ledgers    *repository[invoice.State, invoice.Event]
	series     *repository[invoice.Series, invoice.SeriesEvent]
	policies   *repository[booking.PolicyState, booking.PolicyEvent]
	calendars  *repository[booking.CalendarState, booking.CalendarEvent]
	books      *repository[pricing.Book, pricing.Event]
	bulks      *repository[bulk.State, bulk.Event]
	households *repository[household.State, household.Event]
}

// Config is what an engine needs.
type Config struct {
	Store    Store
	Registry *es.Registry
	// Clock returns the present instant; it is read once per decision.
	Clock  func() time.Time
	Logger *slog.Logger
	// Rosters lists charts. Without it, dry runs say nothing about single charts,
	// and what cannot be decided without knowing the charts is refused.
	Rosters Rosters
	// OwnTrial is how long an owner's own trial lasts, from when they joined; a
	// practice may make it that of everybody. Zero grants no trials.
	OwnTrial time.Duration
	// SelfServiceConversion lets owners convert their solo practices themselves
	// (AMB-2); otherwise operators do.
	SelfServiceConversion bool
	// Appointments looks appointments up across calendars. Without it, only the
	// calendar itself is known when something is booked.
	Appointments Appointments
	// Duplicates finds charts that look alike. Without it nobody is warned of them.
	Duplicates Duplicates
	// Accounts says who has ever signed in. Without it every account can be linked.
	Accounts Accounts
	// Outbox takes the mails of invitations; without it invitations are not mailed.
	Outbox notification.Outbox
}

// The number of folded states kept per kind. A state is a few kilobytes.
const (
	groupStates = 1_000
	otherStates = 10_000
	// One operation on many charts names thousands of them.
	bulkStates = 16
)

// NewEngine makes an engine.
func NewEngine(c Config) *Engine {
	return &Engine{
		config:    c,
		outsiders: &outsiders{seen: newCache[id.Account, *sample](groupStates)},
		commits:   &groupCommit{store: c.Store, lanes: map[es.Stream]*commitLane{}},
		signIns:   signIns{seen: map[signIn]struct{}{}},

		groups:     newRepository(group.Aggregate(), c.Store, c.Registry, groupStates),
		claims:     newRepository(membership.Aggregate(), c.Store, c.Registry, groupStates),
		charts:     newRepository(chart.Aggregate(), c.Store, c.Registry, otherStates),
		ledgers:    newRepository(invoice.Aggregate(), c.Store, c.Registry, otherStates),
		series:     newRepository(invoice.SeriesAggregate(), c.Store, c.Registry, groupStates),
		policies:   newRepository(booking.PolicyAggregate(), c.Store, c.Registry, groupStates),
		calendars:  newRepository(booking.CalendarAggregate(), c.Store, c.Registry, groupStates),
		books:      newRepository(pricing.Aggregate(), c.Store, c.Registry, groupStates),
		bulks:      newRepository(bulk.Aggregate(), c.Store, c.Registry, bulkStates),
		households: newRepository(household.Aggregate(), c.Store, c.Registry, otherStates),
	}
}

// Forget drops every state that was read: the log that it was read from may have been
// another one. Commands that have decided on such a state decide again.
func (e *Engine) Forget() {
	e.forgotten.Add(1)
	for _, cache := range []interface{ Purge() }{
		e.groups.cache, e.claims.cache, e.charts.cache, e.households.cache, e.ledgers.cache, e.series.cache, e.policies.cache, e.calendars.cache, e.books.cache, e.bulks.cache,
	} {
		cache.Purge()
	}
}

// newCache keeps as many of the things last asked for as size says.
func newCache[K comparable, V any](size int) *lru.Cache[K, V] {
	cache, err := lru.New[K, V](size)
	if err != nil {
		panic(err) // Only a size below 1 fails, and sizes are constants.
	}
	return cache
}

// Clock returns the engine's present instant, for queries that depend on it.
func (e *Engine) Clock() time.Time { return e.config.Clock() }

// subject reads the group's stream to its tail and says who the caller is in
// it: a member, a patient of the chart c if that is set, or a stranger. Only what may
// be absent names a group that does not exist. The state that it rests on stays
// readable in practice.
func (e *Engine) subject(ctx context.Context, call Call, absent bool, c id.Chart, look func(group.State, es.Revision)) (actor access.Subject, practice *folded[group.State], err error) {
	if call.Process != "" && !call.Account.IsZero() {
		return actor, nil, errTwoActors
	}
	actor, practice, err = e.member(ctx, call, absent, look)
	if err != nil && !errors.Is(err, errUnknownGroup) {
		return actor, nil, err
	}
	// The chart is read for a practice that does not exist, too: time must not tell.
	patient, failed := e.recognisePatient(ctx, call.Group, c, actor)
	return patient, practice, cmp.Or(err, failed)
}

// member is subject for members, processes and strangers.
func (e *Engine) member(ctx context.Context, call Call, absent bool, look func(group.State, es.Revision)) (actor access.Subject, practice *folded[group.State], err error) {
	actor = access.Subject{Kind: access.KindStranger, Account: call.Account}
	practice, err = e.groups.read(ctx, group.Stream(call.Group))
	if err != nil {
		return actor, nil, err
	}
	practice.mu.RLock()
	defer practice.mu.RUnlock()
	g, at := practice.state, practice.revision
	if at == es.NoStream && !absent {
		return actor, nil, errUnknownGroup
	}
	if call.Process != "" {
		actor = access.Subject{Kind: access.KindSystem, Group: call.Group, Process: call.Process}
	} else {
		actor = g.SubjectOf(call.Account)
	}
	look(g, at)
	return actor, practice, nil
}

// recordingTime bounds how long a refusal waits for its record.
const recordingTime = 5 * time.Second

// recordRefusal puts a refusal into the group's access log, also if the caller
// has hung up meanwhile. The refusal stands also when it cannot be recorded;
// that failure is logged loudly. Strangers write into no practice's log.
func (e *Engine) recordRefusal(ctx context.Context, call Call, action string, c access.Capability, target es.Stream, actor access.Subject, d access.Decision) {
	if actor.Kind == access.KindStranger {
		e.recordOutsider(ctx, call, action)
		return
	}
	fact := accesslog.AccessRefused{Action: action, Capability: c, Rule: d.Rule, Target: string(target)}
	e.record(ctx, call, action, accesslog.Stream(call.Group, e.Clock()), "accesslog.record_refusal", actor, d, fact)
}

// record notes a refusal within recordingTime, or logs that it could not.
func (e *Engine) record(ctx context.Context, call Call, action string, stream es.Stream, name string, actor access.Subject, d access.Decision, fact accesslog.Event) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordingTime)
	defer cancel()
	if err := e.note(ctx, call, stream, name, actor, d, fact); err != nil {
		e.config.Logger.ErrorContext(ctx, "a refusal could not be recorded", "action", action, "request", call.Request, "error", err)
	}
}

// note appends one fact to an access log, whatever it holds already.
func (e *Engine) note(ctx context.Context, call Call, stream es.Stream, name string, actor access.Subject, d access.Decision, fact accesslog.Event) error {
	proposed, err := e.fact(call, name, actor, d, fact)
	if err != nil {
		return err
	}
	_, err = e.config.Store.Append(ctx, stream, es.AnyRevision, []es.Proposed{proposed})
	return err
}

// fact is an event of an access log as it is appended.
func (e *Engine) fact(call Call, name string, actor access.Subject, d access.Decision, fact accesslog.Event) (es.Proposed, error) {
	about := metadata(call, name, "", actor, d, e.Clock())
	about.RecordedAt = e.recordedNow()
	typ, data, meta, err := e.config.Registry.Encode(fact, es.Subject{}, about)
	return es.Proposed{ID: id.New[id.Event](), Type: typ, Data: data, Metadata: meta}, err
}
