package commands

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// Call says who asks for a command and how. It never decides anything.
type Call struct {
	// Account is the signed-in account; zero for a process.
	Account id.Account
	// Process is the name of the one of Praxis' own processes that acts, such as
	// "renewal". It is never taken from a request: a call that names an account
	// too is refused.
	Process string
	// Operator reports that the account operates the installation. The configuration
	// says so, never the request.
	Operator bool
	// Email is the account's verified e-mail address, empty if the issuer vouches for none.
	Email string
	// AuthenticatedAt is when the person last signed in, UTC, as the issuer says;
	// zero if it does not. It is about the person, not about the token.
	AuthenticatedAt time.Time
	// Group is the practice that the call is about.
	Group id.Group
	// Command identifies the intention; a retry carries the same id (Idempotency-Key).
	Command id.Command
	// Correlation, Causation and Request tie the call to its trace.
	Correlation, Causation, Request string
	// Purpose is the purpose of use, if the caller states one.
	Purpose string
	// Reason is why, where the caller gives a reason beside the command's own.
	Reason string
	// DryRun asks for the events that the command would append; nothing is appended.
	DryRun bool
	// NoPreview leaves out of a dry run who would gain and lose what.
	NoPreview bool
	// Viewing, if set, takes what the gate let pass, so that the view can be recorded.
	Viewing *Viewing
	// Expected, if set, is the revision that the caller saw (If-Match).
	Expected *es.Revision
}

// step returns the call for another stream's part in the same intention. The
// caller's expected revision is about the main stream only.
func (c Call) step(name string) Call {
	c.Command = id.Derive[id.Command](c.Command.String(), name)
	c.Expected = nil
	return c
}

// byPraxis returns the call by which Praxis does by itself, in a practice, what the
// call leads to. The parts of its command's id say what that is: it is done once, no
// matter how often and by whom it is called for.
func (c Call) byPraxis(process string, g id.Group, parts ...string) Call {
	return Call{
		Process: process, Group: g, Command: id.Derive[id.Command](parts...),
		Correlation: c.Correlation, Causation: c.Causation, Request: c.Request,
	}
}

// Receipt is the result of a command.
type Receipt struct {
	Stream es.Stream
	// Revision is that of the last event of the command, or the stream's own
	// when nothing changed.
	Revision es.Revision
	// Position is the place in the log up to which a reader must be to see the
	// command's effect; the zero Position when nothing was appended.
	Position es.Position
	// Command is the id under which a retry finds this receipt.
	Command id.Command
	// Events are the events of the command: appended, or in a dry run the ones
	// that would be. A replayed receipt carries none.
	Events []NamedEvent
	// Touched are the appointments that the command was about and left as they are;
	// nil for commands that are about none, and for replays.
	Touched *Touched
	// Preview is what a dry run tells beside the events.
	Preview
	// Replayed reports that the command had been carried out before.
	Replayed bool
	// DryRun reports that nothing was appended on purpose.
	DryRun bool
	// Decision explains why the actor was allowed.
	Decision access.Decision
}

// Preview is what a command would lead to that a dry run did not carry out.
type Preview struct {
	// Effects are who would gain and who would lose what, of a command that changes
	// what people may do.
	Effects []group.Change
	// Cost is what the practice would pay, for those who may see its subscription
	// (BIL-13); nil for others, and where there is none.
	Cost *group.Cost
}

// NamedEvent is an event with its wire name.
type NamedEvent struct {
	Name  string `json:"name"`
	Event any    `json:"event"`
}

// fingerprint hashes what a command asks for.
func fingerprint(name string, stream es.Stream, command any) (string, error) {
	body, err := json.Marshal(command)
	if err != nil {
		return "", fmt.Errorf("fingerprint %s: %w", name, err)
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n", name, stream)
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}

// actorName is how an actor stands in the metadata of events.
func actorName(s access.Subject) string {
	switch s.Kind {
	case access.KindMember:
		return string(s.Kind) + ":" + s.Member.String()
	case access.KindSystem:
		return string(s.Kind) + ":" + s.Process
	case access.KindPatient, access.KindOperator, access.KindStranger:
	}
	return string(s.Kind) + ":" + s.Account.String()
}

// recordedNow is the instant of recording of the events that are about to be appended: to
// the microsecond, because read models keep no more of it.
func (e *Engine) recordedNow() time.Time { return e.Clock().UTC().Truncate(time.Microsecond) }

// metadata fills an event's metadata, but for the instant of recording, which is known
// when the event is appended; no other place does.
func metadata(call Call, name, digest string, actor access.Subject, allowed access.Decision, now time.Time) es.Metadata {
	decision := allowed.Rule
	if !allowed.Event.IsZero() {
		decision += "@" + allowed.Event.String()
	}
	return es.Metadata{
		Actor: actorName(actor), ActorRole: string(actor.Role), Group: call.Group,
		Command: call.Command, CommandName: name, Fingerprint: digest,
		Correlation: call.Correlation, Causation: call.Causation, Request: call.Request,
		Purpose: call.Purpose, Reason: call.Reason, Decision: decision, OccurredAt: now.UTC(),
	}
}

var (
	errCommandID = fault.New(fault.Invalid, "command_id_required", "Every command needs an id. Send an Idempotency-Key.")
	errTwoActors = fault.New(fault.Forbidden, "two_actors", "A command is given by a person or by one of Praxis' own processes, never by both.")
	errOperators = fault.New(fault.Forbidden, "operators_only", "Only operators of the installation may do this.")
	errContended = fault.New(fault.Conflict, "too_much_contention", "Others are changing the same thing at this very moment. Nothing was changed; try again.")
)

// ErrKeyReused refuses an Idempotency-Key that stands for another request.
var ErrKeyReused = fault.New(fault.Rejected, "idempotency_key_reused", "This Idempotency-Key was already used for a different request. Use a new key for a new intention.")

// seen refuses a command that was decided on another revision (If-Match). People
// outside of a practice, or no longer in it, have seen none: whatever they name,
// they get the same answer, so that asking does not tell how much happens there.
func seen(call Call, actor access.Subject, at es.Revision, founding bool) error {
	outside := actor.Kind == access.KindStranger || actor.Kind == access.KindMember && !actor.Active
	switch {
	case call.Expected == nil:
		return nil
	case outside && !founding:
		return errUnknownGroup
	case *call.Expected != at:
		return stale(*call.Expected, at)
	}
	return nil
}

// stale says that the caller decided on an old revision.
func stale(expected, actual es.Revision) error {
	return fault.New(fault.Stale, "stale_revision", "You saw revision %d, but it is at revision %d now. Read it again and repeat.", expected, actual).
		With("expected", fmt.Sprint(expected)).With("actual", fmt.Sprint(actual))
}

// errUnknownGroup answers both for groups that do not exist and for those the
// account has no tie to, so that ids of other practices reveal nothing.
var errUnknownGroup = fault.New(fault.NotFound, "group_not_found", "There is no such practice, or you have no access to it.")

// refusal names the missing permission to those who belong to the group (BKG-11),
// in a sentence of its own if there is one.
func refusal(actor access.Subject, own *fault.Error, c access.Capability, r *access.Resource, d access.Decision, now time.Time) error {
	if actor.Kind == access.KindStranger {
		return errUnknownGroup
	}
	if access.Hides(actor, r, d, now) {
		return fault.New(fault.NotFound, "chart_not_found", "%s", access.Refusal(actor, c, r, d, now))
	}
	if own == nil {
		own = fault.New(fault.Forbidden, "permission_denied", "%s", access.Refusal(actor, c, r, d, now))
	}
	return own.With("capability", string(c)).With("rule", d.Rule)
}
