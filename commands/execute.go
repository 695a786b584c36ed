package commands

import (
	"context"
	"errors"
	"fmt"
	"time"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// maxAttempts bounds how often a command decides again after losing a race.
// Twenty-odd writers on one stream all get through; more than that is a sign of
// a loop and is answered with "too_much_contention".
const maxAttempts = 32

// useCase is one command, ready to be carried out.
type useCase[S, E any] struct {
	// name is the command's wire name, such as "invoice.record_payment".
	name string
	// command is the input; it is what an Idempotency-Key stands for.
	command any
	// capability is the permission it needs. A use case without one is refused.
	capability access.Capability
	// repository and stream name the aggregate.
	repository *repository[S, E]
	stream     es.Stream
	// resource says, from the aggregate's state, what the permission is asked
	// for. Nil means the group as a whole.
	resource func(S) access.Resource
	// subject is the chart whose data key seals the events' personal fields.
	subject es.Subject
	// facts lets the command take what it needs from the group and the actor.
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
	// founding marks the one command that creates its group.
	founding bool
	// decide is the pure decision.
	decide func(S, time.Time) ([]E, error)
}

// execute is the one path of every command: authorise, load, fold, decide,
// append at the exact revision. The group's stream is read to its tail first,
// so that a revocation holds in the very next request, whoever made it. The
// target is taken from the cache; only an append at its exact revision is
// trusted to such a state, any other verdict is reached again on a fresh one.
func execute[S, E any](ctx context.Context, e *Engine, call Call, u useCase[S, E]) (Receipt, error) {
	if call.Command.IsZero() {
		return Receipt{}, errCommandID
	}
	if u.capability == "" {
		return Receipt{}, fmt.Errorf("use case %s names no permission", u.name)
	}
	print, err := fingerprint(u.name, u.stream, u.command)
	if err != nil {
		return Receipt{}, err
	}
	entry, warm := u.repository.cached(u.stream)
	if !warm {
		if err := u.repository.refresh(ctx, u.stream, entry); err != nil {
			return Receipt{}, err
		}
	}
	fresh := !warm
	for range maxAttempts {
		if u.gather != nil {
			if err := u.gather(ctx); err != nil {
				return Receipt{}, err
			}
		}
		actor, err := identify(ctx, e, call, u)
		if err != nil {
			return Receipt{}, err
		}
		v := judge(e, call, u, entry, actor, print)
		if !v.appends() && !fresh {
			if err := u.repository.refresh(ctx, u.stream, entry); err != nil {
				return Receipt{}, err
			}
			v, fresh = judge(e, call, u, entry, actor, print), true
		}
		if v.denied {
			e.recordRefusal(ctx, call, u.name, u.capability, u.stream, actor, v.receipt.Decision)
		}
		if v.err == nil && len(v.events) > 0 && u.requires != nil {
			v.err = u.requires(ctx)
		}
		if v.err != nil || !v.appends() {
			return v.receipt, v.err
		}
		receipt, err := appendVerdict(ctx, e, call, u, entry, v)
		var wrong *es.WrongRevisionError
		if !errors.As(err, &wrong) {
			return receipt, err
		}
		if call.Expected != nil {
			return Receipt{}, stale(*call.Expected, wrong.Actual)
		}
		if err := u.repository.refresh(ctx, u.stream, entry); err != nil {
			return Receipt{}, err
		}
		fresh = true
	}
	return Receipt{}, errContended
}

// verdict is what judging a command on one revision came to.
type verdict[E any] struct {
	revision es.Revision
	events   []E
	meta     es.Metadata
	receipt  Receipt
	denied   bool
	err      error
}

func (v verdict[E]) appends() bool { return v.err == nil && len(v.events) > 0 && !v.receipt.DryRun }

// judge authorises and decides on the state as it stands; it does no I/O.
func judge[S, E any](e *Engine, call Call, u useCase[S, E], entry *folded[S], actor access.Subject, print string) verdict[E] {
	entry.mu.RLock()
	defer entry.mu.RUnlock()
	now := e.clock()
	v := verdict[E]{revision: entry.revision, receipt: Receipt{Stream: u.stream, Revision: entry.revision, Command: call.Command}}

	if first, ok := entry.commands[call.Command]; ok && !call.DryRun {
		// Whose command it was needs no check: command ids are derived from the
		// account that sends them.
		if first.fingerprint != print {
			v.err = errKeyReused
			return v
		}
		v.receipt.Revision, v.receipt.Position, v.receipt.Replayed = first.revision, first.position, true
		return v
	}
	resource := access.Resource{Group: call.Group}
	if u.resource != nil {
		resource = u.resource(entry.state)
	}
	v.receipt.Decision = access.Decide(actor, u.capability, resource, now)
	if !v.receipt.Decision.Allowed {
		v.denied, v.err = true, refusal(actor, u.capability, v.receipt.Decision)
		return v
	}
	if call.Expected != nil && *call.Expected != entry.revision {
		v.err = stale(*call.Expected, entry.revision)
		return v
	}
	if v.events, v.err = u.decide(entry.state, now); v.err != nil {
		return v
	}
	for _, event := range v.events {
		v.receipt.Events = append(v.receipt.Events, NamedEvent{Name: e.registry.NameOf(event), Event: event})
	}
	v.receipt.DryRun = call.DryRun
	v.meta = metadata(call, u.name, print, actor, v.receipt.Decision, now)
	return v
}

// appendVerdict appends the events of a verdict at the revision it was reached
// on. Event ids come from the command id, so that repeating the append after an
// unknown outcome finds the first result instead of doubling it.
func appendVerdict[S, E any](ctx context.Context, e *Engine, call Call, u useCase[S, E], entry *folded[S], v verdict[E]) (Receipt, error) {
	proposed := make([]es.Proposed, len(v.events))
	for i, event := range v.events {
		typ, data, meta, err := e.registry.Encode(event, u.subject, v.meta)
		if err != nil {
			return Receipt{}, err
		}
		proposed[i] = es.Proposed{ID: eventID(call.Command, u.stream, i), Type: typ, Data: data, Metadata: meta}
	}
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

// identify says who the actor is in the group, on the group's stream read to its
// tail, and hands the command the facts it needs.
func identify[S, E any](ctx context.Context, e *Engine, call Call, u useCase[S, E]) (access.Subject, error) {
	actor, err := e.subject(ctx, call, u.founding, u.facts)
	if err != nil || u.identify == nil {
		return actor, err
	}
	return u.identify(ctx, actor)
}

// eventID names the i-th event that a command appends to a stream.
func eventID(c id.Command, stream es.Stream, i int) id.Event {
	return id.Derive[id.Event](c.String(), string(stream), fmt.Sprint(i))
}
