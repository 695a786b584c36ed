package commands

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// useCase is one command, ready to be carried out.
type useCase[S, E any] struct {
	// name is the command's wire name, such as "invoice.record_payment".
	name string
	// command is the input; it is what an Idempotency-Key stands for.
	command any
	// capability is the permission it needs. A use case without one is refused.
	capability access.Capability
	// denied, if set, is what members hear who lack the permission, instead of the
	// general sentence.
	denied *fault.Error
	// repository and stream name the aggregate.
	repository *repository[S, E]
	stream     es.Stream
	// resource says, from the aggregate's state, what the permission is asked
	// for. Nil means the group as a whole.
	resource func(S) access.Resource
	// subject is the chart whose data key seals the events' personal fields.
	subject es.Subject
	// facts lets the command take what it needs from the group and the actor. What
	// it finds missing is told only to those who may do the thing at all, and never
	// hides the receipt of a repeated command.
	facts func(group.State, access.Subject) error
	// gather, if set, reads what the command must know of other streams, before
	// every attempt.
	gather func(context.Context) error
	// requires, if set, checks what must hold in other streams before anything is
	// appended. It is asked only once the command itself is accepted.
	requires func(context.Context) error
	// identify, if set, may recognise an account that the group does not know as
	// a member: a patient linked to the chart in question, for example.
	identify func(context.Context, access.Subject) (access.Subject, error)
	// stepUp marks what needs a fresh sign-in. It is asked for after everything that
	// could reveal or refuse the command to the caller, and before the decision; a
	// replayed receipt and a dry run need none.
	stepUp bool
	// before, if set, does what must be on disk before these events are: after them
	// it could be forgotten by a crash. It is done again with every attempt. In a dry
	// run it does nothing, but refuses what it would refuse.
	before func(ctx context.Context, events []E, dryRun bool) error
	// afterClosing marks what a practice that has ended still carries out.
	afterClosing bool
	// closed, if set, says of the aggregate itself that its practice has ended.
	closed func(S) bool
	// operating marks what belongs to no practice: only operators may do it.
	operating bool
	// operated marks the one thing of a practice that operators do. Whoever is none
	// is judged as who they are in the practice.
	operated bool
	// founding marks the one command that creates its group; only a person founds.
	founding bool
	// unfounded marks what is also done for a group that was never created.
	unfounded bool
	// foresee, if set, says in a dry run what would come of events that an actor's
	// command decided at a revision.
	foresee func(context.Context, access.Subject, es.Revision, []E, time.Time) (Foresight, error)
	// decide is the pure decision.
	decide func(S, time.Time) ([]E, error)
}

// execute is the one path of every command: wait for one's turn, authorise, load,
// fold, decide, append at the exact revision. The group's stream is read to its tail
// first, so that a revocation holds in the very next request, whoever made it. The
// target is taken from the cache; only an append at its exact revision is
// trusted to such a state, any other verdict is reached again on a fresh one.
func execute[S, E any](ctx context.Context, e *Engine, call Call, u useCase[S, E]) (Receipt, error) {
	if call.Command.IsZero() {
		return Receipt{}, errCommandID
	}
	if u.capability == "" {
		return Receipt{}, fmt.Errorf("use case %s names no permission", u.name)
	}
	digest, err := fingerprint(u.name, u.stream, u.command)
	if err != nil {
		return Receipt{}, err
	}
	if !call.DryRun {
		release, err := u.repository.turn(ctx, u.stream)
		if err != nil {
			return Receipt{}, err
		}
		defer release()
	}
	for lost := 0; lost <= conflictRetries; lost++ {
		if err := backOff(ctx, lost); err != nil {
			return Receipt{}, err
		}
		if u.gather != nil {
			if err := u.gather(ctx); err != nil {
				return Receipt{}, err
			}
		}
		who, err := identify(ctx, e, call, u)
		if err != nil {
			if errors.Is(err, errUnknownGroup) {
				e.recordOutsider(ctx, call, u.name)
			}
			return Receipt{}, err
		}
		entry, fresh, err := load(ctx, call, u, lost > 0)
		if err != nil {
			return Receipt{}, err
		}
		v := judge(e, call, u, entry, who, digest)
		if !v.appends() && !fresh {
			if err := u.repository.refresh(ctx, u.stream, entry); err != nil {
				return Receipt{}, err
			}
			v = judge(e, call, u, entry, who, digest)
		}
		if v.denied {
			e.recordRefusal(ctx, call, u.name, u.capability, u.stream, who.actor, v.receipt.Decision)
		}
		if v.err == nil && len(v.events) > 0 && u.requires != nil {
			if v.err = u.requires(ctx); v.err != nil {
				v.receipt.Events = nil
			}
		}
		var proposed []es.Proposed
		if v.err == nil && len(v.events) > 0 {
			if proposed, v.err = propose(e, call, u, v); v.err == nil && u.before != nil {
				v.err = u.before(ctx, v.events, call.DryRun)
			}
			if v.err != nil {
				v.receipt.Events = nil
			}
		}
		if v.err == nil && len(v.events) > 0 && call.DryRun && u.foresee != nil {
			v.receipt.Foresight, v.err = u.foresee(ctx, who.actor, v.revision, v.events, v.meta.OccurredAt)
		}
		if v.err != nil || !v.appends() {
			return v.receipt, v.err
		}
		receipt, err := appendVerdict(ctx, e, u, entry, v, proposed)
		if !errors.Is(err, &es.WrongRevisionError{}) {
			return receipt, err
		}
	}
	return Receipt{}, errContended
}

// load returns the target's state from the cache and whether it is fresh: read
// to its tail within this request. A target that is not cached, or that the
// cache is known to be behind of, is read; the group's own stream was read just
// before, to find out who acts.
func load[S, E any](ctx context.Context, call Call, u useCase[S, E], behind bool) (entry *folded[S], fresh bool, err error) {
	entry, warm := u.repository.cached(u.stream)
	switch {
	case warm && u.stream == group.Stream(call.Group):
		return entry, true, nil
	case warm && !behind:
		return entry, false, nil
	}
	return entry, true, u.repository.refresh(ctx, u.stream, entry)
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

// judge authorises and decides on the state as it stands; it does no I/O.
func judge[S, E any](e *Engine, call Call, u useCase[S, E], entry *folded[S], who identity, digest string) verdict[E] {
	entry.mu.RLock()
	defer entry.mu.RUnlock()
	now := e.clock()
	v := verdict[E]{revision: entry.revision, receipt: Receipt{Stream: u.stream, Revision: entry.revision, Command: call.Command}}

	resource := access.Resource{Group: call.Group}
	if u.resource != nil {
		resource = u.resource(entry.state)
	}
	v.receipt.Decision = access.Decide(who.actor, u.capability, resource, now)
	if !v.receipt.Decision.Allowed {
		v.denied = v.receipt.Decision.Rule != access.RuleUnseenChart || !access.ReachOf(who.actor, access.RosterView, now).Everything()
		v.err = refusal(who.actor, u.denied, u.capability, &resource, v.receipt.Decision)
		return v
	}
	if first, ok := entry.commands[call.Command]; ok && !call.DryRun {
		// Whose command it was needs no check: command ids are derived from the
		// account that sends them. What the account may do today was just decided: a
		// receipt is an answer, too.
		if first.fingerprint != digest {
			v.err = ErrKeyReused
			return v
		}
		v.receipt.Revision, v.receipt.Position, v.receipt.Replayed = first.revision, first.position, true
		return v
	}
	if (who.closed || u.closed != nil && u.closed(entry.state)) && !u.afterClosing {
		v.err = closedTo(who.actor)
		return v
	}
	if v.err = seen(call, who.actor, entry.revision, u.founding); v.err != nil {
		return v
	}
	if v.err = who.facts; v.err != nil {
		return v
	}
	if u.stepUp && !call.DryRun {
		if v.err = checkSignIn(call, now); v.err != nil {
			return v
		}
	}
	if v.events, v.err = u.decide(entry.state, now); v.err != nil {
		return v
	}
	for _, event := range v.events {
		v.receipt.Events = append(v.receipt.Events, NamedEvent{Name: e.registry.NameOf(event), Event: event})
	}
	v.receipt.DryRun = call.DryRun
	v.meta = metadata(call, u.name, digest, who.actor, v.receipt.Decision, now)
	return v
}

// propose encodes the events of a verdict, and refuses what no store takes: in a
// dry run, too, because it would be refused in earnest.
func propose[S, E any](e *Engine, call Call, u useCase[S, E], v verdict[E]) ([]es.Proposed, error) {
	proposed := make([]es.Proposed, len(v.events))
	for i, event := range v.events {
		typ, data, meta, err := e.registry.Encode(event, u.subject, v.meta)
		if err != nil {
			return nil, err
		}
		proposed[i] = es.Proposed{ID: eventID(call.Command, u.stream, v.meta.Fingerprint, v.meta.OccurredAt, i), Type: typ, Data: data, Metadata: meta}
	}
	return proposed, es.CheckAppend(u.stream, proposed)
}

// appendVerdict appends the events of a verdict at the revision it was reached
// on. Repeating it after an unknown outcome finds the first result instead of
// doubling it, because the events keep their ids.
func appendVerdict[S, E any](ctx context.Context, e *Engine, u useCase[S, E], entry *folded[S], v verdict[E], proposed []es.Proposed) (Receipt, error) {
	done, err := e.store.Append(ctx, u.stream, es.At(v.revision), proposed)
	for retry := 0; errors.Is(err, es.ErrOutcomeUnknown) && ctx.Err() == nil && retry < 3; retry++ {
		done, err = e.store.Append(ctx, u.stream, es.At(v.revision), proposed)
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("append to %s: %w", u.stream, err)
	}
	tail := make([]es.Envelope, len(v.events))
	for i, event := range v.events {
		tail[i] = es.Envelope{
			Recorded: es.Recorded{Stream: u.stream, Type: proposed[i].Type, Revision: v.revision + 1 + es.Revision(i), Position: done.Position},
			Meta:     v.meta, Event: event,
		}
	}
	if err := u.repository.absorb(entry, tail); err != nil {
		return Receipt{}, err
	}
	v.receipt.Revision, v.receipt.Position = done.Revision, done.Position
	return v.receipt, nil
}

// identity is who acts, on the group's stream read to its tail.
type identity struct {
	actor access.Subject
	// closed reports that the practice has ended.
	closed bool
	// facts is why the command cannot take from the group what it needs, if so.
	facts error
}

// identify says who the actor is in the group, and hands the command the facts
// it needs.
func identify[S, E any](ctx context.Context, e *Engine, call Call, u useCase[S, E]) (identity, error) {
	var who identity
	if u.operating {
		if !call.Operator || call.Process != "" {
			return who, errOperators
		}
		who.actor = access.Subject{Kind: access.KindOperator, Account: call.Account}
		return who, nil
	}
	var err error
	who.actor, err = e.subject(ctx, call, u.unfounded || u.founding && call.Process == "", func(g group.State, actor access.Subject, _ es.Revision) {
		who.closed = g.Closed()
		if u.facts != nil {
			who.facts = u.facts(g, actor)
		}
	})
	if u.operated && call.Operator && call.Process == "" {
		who.actor = access.Subject{Kind: access.KindOperator, Account: call.Account}
	}
	if err != nil || u.identify == nil {
		return who, err
	}
	who.actor, err = u.identify(ctx, who.actor)
	return who, err
}

// eventID names the i-th event that one attempt at a command appends to a
// stream. The fingerprint of the input and the instant of the decision are part
// of it, because a store takes an append with known ids for a repetition and
// answers that it succeeded: an engine whose cache does not know the command yet
// must not be told so about events that differ from those in the log.
func eventID(c id.Command, stream es.Stream, digest string, now time.Time, i int) id.Event {
	return id.Derive[id.Event](c.String(), string(stream), digest, now.UTC().Format(time.RFC3339Nano), strconv.Itoa(i))
}
