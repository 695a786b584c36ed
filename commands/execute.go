package commands

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// do carries the command out, with what surrounds it.
func (s *Spec[T, C, F, S, E]) do(ctx context.Context, e *Engine, call Call, t T, c C) (Receipt, error) {
	if s.Around == nil {
		return s.alone(ctx, e, call, t, c)
	}
	return s.Around(ctx, e, call, t, c, func(call Call) (Receipt, error) { return s.alone(ctx, e, call, t, c) })
}

// alone carries out the command itself.
func (s *Spec[T, C, F, S, E]) alone(ctx context.Context, e *Engine, call Call, t T, c C) (Receipt, error) {
	return execute(ctx, e, call, s, t, c)
}

// execute is the one path of every command:
//
//  1. wait for one's turn on the stream,
//  2. look at the world: the practice to its tail, so that a revocation holds in the
//     very next request, and the facts that the command asks for,
//  3. judge, on the aggregate's state (see judge for the order),
//  4. do what must be on disk before the events,
//  5. append at the exact revision; an attempt that loses it begins again at 2.
//
// The aggregate is taken from the cache; only an append at its exact revision is
// trusted to such a state, any other verdict is reached again on a fresh one.
func execute[T, C, F, S, E any](ctx context.Context, e *Engine, call Call, s *Spec[T, C, F, S, E], t T, c C) (Receipt, error) {
	a, err := begin(e, call, s, t, c)
	if err != nil {
		return Receipt{}, err
	}
	if !call.DryRun {
		release, err := a.states.turn(ctx, a.stream)
		if err != nil {
			return Receipt{}, err
		}
		defer release()
	}
	for lost := 0; lost <= conflictRetries; lost++ {
		if err := backOff(ctx, lost); err != nil {
			return Receipt{}, err
		}
		receipt, err := a.once(ctx, lost > 0)
		if !errors.Is(err, &es.WrongRevisionError{}) {
			return receipt, err
		}
	}
	return Receipt{}, errContended
}

// attempt is one command on its way.
type attempt[T, C, F, S, E any] struct {
	*Spec[T, C, F, S, E]
	engine  *Engine
	call    Call
	target  T
	command C

	states *repository[S, E]
	stream es.Stream
	// subject is the chart whose data key seals the events' personal fields.
	subject es.Subject
	// fingerprint is of what is asked for, and of nothing else.
	fingerprint string
}

func begin[T, C, F, S, E any](e *Engine, call Call, s *Spec[T, C, F, S, E], t T, c C) (a attempt[T, C, F, S, E], err error) {
	if call.Command.IsZero() {
		return a, errCommandID
	}
	a = attempt[T, C, F, S, E]{Spec: s, engine: e, call: call, target: t, command: c, states: s.On.states(e), stream: s.On.Stream(call.Group, t)}
	if about := a.chart(); !about.IsZero() {
		a.subject = es.Subject{Group: call.Group, Chart: about}
	}
	if s.On.Key != nil {
		a.subject = es.Subject{Group: call.Group, Chart: s.On.Key(t)}
	}
	a.fingerprint, err = fingerprint(s.Name, a.stream, c)
	return a, err
}

// chart is the chart that the command is about, if it is about one.
func (a *attempt[T, C, F, S, E]) chart() (about id.Chart) {
	switch {
	case a.Chart != nil:
		return a.Chart(a.target, a.command)
	case a.On.Chart != nil:
		return a.On.Chart(a.target)
	}
	return about
}

// once tries the command on the world as it is now. behind says that the cached
// state is known to be old.
func (a *attempt[T, C, F, S, E]) once(ctx context.Context, behind bool) (Receipt, error) {
	forgotten := a.engine.forgotten.Load()
	k, err := a.look(ctx)
	if err != nil {
		if errors.Is(err, errUnknownGroup) {
			a.engine.recordOutsider(ctx, a.call, a.Name)
		}
		return Receipt{}, err
	}
	entry, fresh, err := a.load(ctx, behind)
	if err != nil {
		return Receipt{}, err
	}
	v := a.judge(entry, k)
	if !v.appends() && !fresh {
		if err := a.states.refresh(ctx, a.stream, entry); err != nil {
			return Receipt{}, err
		}
		v = a.judge(entry, k)
	}
	if v.denied {
		a.engine.recordRefusal(ctx, a.call, a.Name, k.needs, a.stream, k.world.Actor, v.receipt.Decision)
	}
	if v.err != nil || len(v.events) == 0 {
		return v.receipt, k.world.namingTarget(ctx, a.chart(), v.err)
	}
	v.meta.RecordedAt = a.engine.recordedNow()
	proposed, err := a.propose(v)
	if err == nil && a.First != nil {
		err = a.First(ctx, k.world, a.target, a.command, k.facts, v.events)
	}
	if err != nil {
		v.receipt.Events = nil
		return v.receipt, err
	}
	if !a.call.DryRun {
		if a.engine.forgotten.Load() != forgotten {
			return Receipt{}, &es.WrongRevisionError{Stream: a.stream, Expected: es.At(v.revision), Actual: v.revision}
		}
		return a.append(ctx, entry, v, proposed)
	}
	if a.On.Preview != nil && !a.NoPreview && !a.call.NoPreview {
		v.receipt.Preview, err = a.On.Preview(ctx, k.world, a.target, v.revision, v.events)
	}
	return v.receipt, err
}

// known is what one attempt knows beside the aggregate's state.
type known[F any] struct {
	world *World
	needs access.Capability
	// closed reports that the practice has ended.
	closed bool
	// named is the chart that the command is about, as access to it is decided.
	named *access.Resource
	facts F
	// missing is why the command cannot have its facts, if so.
	missing error
}

// look finds out who acts, and gathers the facts.
func (a *attempt[T, C, F, S, E]) look(ctx context.Context) (k known[F], err error) {
	now := a.engine.Clock()
	k.needs = a.Needs
	k.world = &World{Call: a.call, Now: now, engine: a.engine, first: func() id.Event { return a.eventID(now, 0) }}
	operator := a.call.Operator && a.call.Process == ""
	if a.Lifecycle == NoGroup {
		if !operator {
			return k, errOperators
		}
	} else {
		absent := a.Lifecycle == AnyGroup || a.Lifecycle == NewGroup && a.call.Process == ""
		var patientOf id.Chart
		if a.Patient != nil && a.Patient.Used(a.command) {
			k.needs, patientOf = a.Patient.Needs, a.chart()
		}
		k.world.Actor, k.world.practice, err = a.engine.subject(ctx, a.call, absent, patientOf, func(g group.State, _ es.Revision) { k.closed = g.Closed() })
		if err != nil {
			return k, err
		}
	}
	if operator && (a.Lifecycle == NoGroup || a.Actors.operators) {
		k.world.Actor = access.Subject{Kind: access.KindOperator, Account: a.call.Account}
	}
	if k.world.Actor.Kind == access.KindStranger && !access.Decide(k.world.Actor, k.needs, access.Resource{Group: a.call.Group}, now).Allowed {
		// Nothing more is read for strangers: to them a practice that exists takes as long
		// as one that does not.
		return k, errUnknownGroup
	}
	if about := a.chart(); !about.IsZero() && chart.Stream(a.call.Group, about) != a.stream {
		if err = k.world.Chart(ctx, about, func(s chart.State) { k.named = asItIs(a.call.Group, s) }); err != nil {
			return k, err
		}
	}
	if a.Facts != nil {
		k.facts, k.missing = a.Facts(ctx, k.world, a.target, a.command)
	}
	return k, nil
}

// load returns the aggregate's state from the cache and whether it is fresh: read
// to its tail within this request. A state that is not cached, or that the cache is
// known to be behind of, is read; the practice's own was read just before, to find
// out who acts.
func (a *attempt[T, C, F, S, E]) load(ctx context.Context, behind bool) (entry *folded[S], fresh bool, err error) {
	entry, warm := a.states.cached(a.stream)
	switch {
	case warm && a.stream == group.Stream(a.call.Group):
		return entry, true, nil
	case warm && !behind:
		return entry, false, nil
	}
	return entry, true, a.states.refresh(ctx, a.stream, entry)
}

// verdict is what judging a command on one revision came to.
type verdict[E any] struct {
	revision es.Revision
	events   []E
	meta     es.Metadata
	receipt  Receipt
	// denied reports a refusal for the access log. That somebody who may open every
	// chart names one that does not exist is none.
	denied bool
	err    error
}

func (v verdict[E]) appends() bool { return v.err == nil && len(v.events) > 0 && !v.receipt.DryRun }

// judge decides on the state as it stands; it does no I/O. The order of its questions
// is the order in which a command is refused: may the actor do it, was it done
// before, is the practice open, is it at the revision that the actor saw, can the
// facts be had, is the sign-in fresh, and last the rules of the aggregate.
func (a *attempt[T, C, F, S, E]) judge(entry *folded[S], k known[F]) verdict[E] {
	entry.mu.RLock()
	defer entry.mu.RUnlock()
	actor, now := k.world.Actor, k.world.Now
	v := verdict[E]{revision: entry.revision, receipt: Receipt{Stream: a.stream, Revision: entry.revision, Command: a.call.Command}}

	resource := a.resource(entry.state, k)
	v.receipt.Decision = access.Decide(actor, k.needs, resource, now)
	if !v.receipt.Decision.Allowed {
		v.denied = v.receipt.Decision.Rule != access.RuleUnseenChart || !access.ReachOf(actor, access.RosterView, now).Everything()
		v.err = refusal(actor, a.Denied, k.needs, &resource, v.receipt.Decision, now)
		if a.On.Unseen != nil && v.receipt.Decision.Rule == access.RuleUnseenChart {
			v.err = a.On.Unseen
		}
		return v
	}
	if first, ok := entry.commands[a.call.Command]; ok && !a.call.DryRun {
		// Whose command it was needs no check: command ids are derived from the
		// account that sends them. What the account may do today was just decided: a
		// receipt is an answer, too.
		if first.fingerprint != a.fingerprint {
			v.err = ErrKeyReused
			return v
		}
		v.receipt.Revision, v.receipt.Position, v.receipt.Replayed = first.revision, first.position, true
		return v
	}
	if v.err = a.refuses(entry, k); v.err != nil {
		return v
	}
	if v.events, v.err = a.Decide(a.command, entry.state, k.facts, now); v.err != nil {
		return v
	}
	for _, event := range v.events {
		v.receipt.Events = append(v.receipt.Events, NamedEvent{Name: a.engine.config.Registry.NameOf(event), Event: event})
	}
	if a.Touches != nil {
		held := a.Touches(a.target, entry.state, v.events, now)
		v.receipt.Touched = &Touched{Appointments: held, Total: len(held)}
	}
	v.receipt.DryRun = a.call.DryRun
	v.meta = metadata(a.call, a.Name, a.fingerprint, actor, v.receipt.Decision, now)
	return v
}

// refuses asks what stands between a permitted command and its decision.
func (a *attempt[T, C, F, S, E]) refuses(entry *folded[S], k known[F]) error {
	closed := k.closed || a.On.Closed != nil && a.On.Closed(entry.state)
	if closed && a.Lifecycle != ClosedToo && a.Lifecycle != AnyGroup {
		return closedTo(k.world.Actor)
	}
	if err := seen(a.call, k.world.Actor, entry.revision, a.Lifecycle == NewGroup); err != nil {
		return err
	}
	if a.Actors.refuse != nil {
		if err := a.Actors.refuse(k.world.Actor); err != nil {
			return err
		}
	}
	if k.missing == nil && a.FreshSignIn && !a.call.DryRun {
		return checkSignIn(a.call, k.world.Now)
	}
	return k.missing
}

// resource is what the permission is asked for.
func (a *attempt[T, C, F, S, E]) resource(s S, k known[F]) access.Resource {
	r := access.Resource{Group: a.call.Group}
	switch {
	case a.Resource != nil:
		r = a.Resource(a.call.Group, a.target, a.command, k.facts, s)
	case a.On.Resource != nil:
		r = a.On.Resource(a.call.Group, a.target, s)
	}
	if k.named != nil {
		r.OfChart = k.named
	}
	return r
}

// propose encodes the events of a verdict, and refuses what no store takes: in a
// dry run, too, because it would be refused in earnest.
func (a *attempt[T, C, F, S, E]) propose(v verdict[E]) ([]es.Proposed, error) {
	proposed := make([]es.Proposed, len(v.events))
	for i, event := range v.events {
		typ, data, meta, err := a.engine.config.Registry.Encode(event, a.subject, v.meta)
		if err != nil {
			return nil, err
		}
		proposed[i] = es.Proposed{ID: a.eventID(v.meta.OccurredAt, i), Type: typ, Data: data, Metadata: meta}
	}
	return proposed, es.CheckAppend(a.stream, proposed)
}

// append appends the events of a verdict at the revision it was reached on.
// Repeating it after an unknown outcome finds the first result instead of doubling
// it, because the events keep their ids.
func (a *attempt[T, C, F, S, E]) append(ctx context.Context, entry *folded[S], v verdict[E], proposed []es.Proposed) (Receipt, error) {
	done, err := a.engine.config.Store.Append(ctx, a.stream, es.At(v.revision), proposed)
	for retry := 0; errors.Is(err, es.ErrOutcomeUnknown) && ctx.Err() == nil && retry < 3; retry++ {
		done, err = a.engine.config.Store.Append(ctx, a.stream, es.At(v.revision), proposed)
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("append to %s: %w", a.stream, err)
	}
	tail := make([]es.Envelope, len(v.events))
	for i, event := range v.events {
		tail[i] = es.Envelope{
			Recorded: es.Recorded{
				Stream: a.stream, Type: proposed[i].Type, Revision: v.revision + 1 + es.Revision(i), Position: done.Position, RecordedAt: v.meta.RecordedAt,
			},
			Meta: v.meta, Event: event,
		}
	}
	if err := a.states.absorb(entry, tail); err != nil {
		return Receipt{}, err
	}
	v.receipt.Revision, v.receipt.Position = done.Revision, done.Position
	return v.receipt, nil
}

// eventID names the i-th event that one attempt at a command appends to its stream.
// The fingerprint of the input and the instant of the decision are part of it,
// because a store takes an append with known ids for a repetition and answers that
// it succeeded: an engine whose cache does not know the command yet must not get
// that answer about events that differ from those in the log.
func (a *attempt[T, C, F, S, E]) eventID(now time.Time, i int) id.Event {
	return id.Derive[id.Event](a.call.Command.String(), string(a.stream), a.fingerprint, now.UTC().Format(time.RFC3339Nano), strconv.Itoa(i))
}
