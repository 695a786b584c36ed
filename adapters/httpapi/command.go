package httpapi

import (
	"fmt"
	"time"

	"praxis/adapters/cards"
	"praxis/commands"
	"praxis/domain/civil"
	"praxis/domain/id"
)

// receipt is the answer to every command.
type receipt struct {
	// ID is the thing the command brought into being or acted on, if it names one.
	ID string `json:"id,omitempty"`
	// Stream and Revision say where the command's effect is recorded.
	Stream   string `json:"stream"`
	Revision int64  `json:"revision"`
	// Position is the token for Praxis-Min-Position; empty when nothing changed.
	Position string `json:"position,omitempty"`
	Outcome  string `json:"outcome"`
	// CardMode says, of commands that lead to charges, whether money moves.
	CardMode cards.Mode `json:"cardMode,omitempty"`
	// Appointments are the upcoming ones that the command was about and left as they
	// are, the first of them where there are many; AppointmentsTotal is how many.
	Appointments      []touchedView `json:"appointments,omitempty"`
	AppointmentsTotal *int          `json:"appointmentsTotal,omitempty"`
	// Events are shown for dry runs only.
	Events []commands.NamedEvent `json:"events,omitempty"`
	// Effects are who would gain and lose what, Cost is what the practice would pay,
	// for dry runs only.
	Effects []effect  `json:"effects,omitempty"`
	Cost    *costView `json:"cost,omitempty"`
}

// The outcomes of commands that were not refused.
const (
	outcomeDone      = "done"
	outcomeReplayed  = "replayed"
	OutcomeUnchanged = "unchanged"
	outcomeDryRun    = "dry_run"
)

// OutcomeOf names what a command that was not refused came to.
func OutcomeOf(r commands.Receipt) string {
	switch {
	case r.Replayed:
		return outcomeReplayed
	case r.DryRun:
		return outcomeDryRun
	case len(r.Events) == 0:
		return OutcomeUnchanged
	default:
		return outcomeDone
	}
}

// Input is a command's request on its way to its command: what its path names, and
// what its key makes.
type Input struct {
	*Exchange
	Call commands.Call
	// About is what the receipt names: the first thing that the command names or makes.
	About string
	// Within is what new things belong to, the practice first.
	Within []fmt.Stringer
	// ForPatient keeps the events of a dry run out of the receipt: they hold what
	// patients must not see (BKG-8).
	ForPatient bool
}

// Naming notes what the receipt is about, unless something was named before.
func (in *Input) Naming(thing fmt.Stringer) {
	if in.About == "" {
		in.About = thing.String()
	}
}

// thing is the id of something.
type thing interface {
	~[16]byte
	fmt.Stringer
}

// Named is the thing that the path names under a part, and that the receipt is about.
func Named[I thing](in *Input, part string) I {
	i := PathID[I](in.Exchange, part)
	in.Naming(i)
	return i
}

// Made is a new thing. All that it is within is part of its id: an account and its
// keys may go from one practice to the next, and read models know a chart by its id
// alone. Invoices of two ledgers with one id would share a number.
func Made[I thing](in *Input, role string) I {
	name := role
	for _, w := range in.Within {
		name += "/" + w.String()
	}
	i := id.From[I](in.Call.Command, name)
	in.Naming(i)
	return i
}

// AsSent is the command of a request whose body is the command. The document takes no
// property that it does not list, so a body sets no other field.
func AsSent[C any](_ *Input, c C) C { return c }

// OfGroup is AsSent for a command whose receipt names the practice.
func OfGroup[C any](in *Input, c C) C {
	in.Naming(in.Call.Group)
	return c
}

// Completed is AsSent for a command that its path, its key or who gives it complete.
func Completed[C any](complete func(in *Input, c *C)) func(*Input, C) C {
	return func(in *Input, c C) C {
		complete(in, &c)
		return c
	}
}

// On is AsSent for a command on the thing that the path names under a part: set puts it
// into the command.
func On[I thing, C any](part string, set func(*C, I)) func(*Input, C) C {
	return Completed(func(in *Input, c *C) { set(c, Named[I](in, part)) })
}

// Making is AsSent for a command that makes a new thing, which set puts into it.
func Making[I thing, C any](role string, set func(*C, I)) func(*Input, C) C {
	return Completed(func(in *Input, c *C) { set(c, Made[I](in, role)) })
}

// Give makes the handler of a command on the practice: with makes what is asked for of
// the request's path and body.
func Give[B, C any](c *commands.Command[C], with func(*Input, B) C) Handler {
	return HandleCommand(func(in *Input, b B) (commands.Receipt, error) {
		asked := with(in, b)
		if in.Err != nil {
			return commands.Receipt{}, in.Err
		}
		return c.Give(in.Ctx(), in.API.Engine, in.Call, asked)
	})
}

// GiveTo is Give for a command on something of the practice, such as a chart, that to
// reads from the path.
func GiveTo[T, B, C any](to func(*Input) T, c *commands.CommandOn[T, C], with func(*Input, B) C) Handler {
	return HandleCommand(func(in *Input, b B) (commands.Receipt, error) {
		t := to(in) // before with: what is made is made within it
		asked := with(in, b)
		if in.Err != nil {
			return commands.Receipt{}, in.Err
		}
		return c.Give(in.Ctx(), in.API.Engine, in.Call, t, asked)
	})
}

// Alone is the command of a request that says all by its path.
func Alone[C any](*Input, Nothing) (c C) { return c }

// HandleCommand makes the handler of a command: body B is decoded, run is called with
// the request, and its receipt is the answer.
func HandleCommand[B any](run func(in *Input, body B) (commands.Receipt, error)) Handler {
	return func(x *Exchange) error {
		var body B
		if len(x.body) > 0 {
			if err := x.decode(&body); err != nil {
				return err
			}
		}
		call, err := x.Call()
		if err != nil {
			return err
		}
		start := x.API.Clock()
		settle, err := x.claimKey(call)
		if err != nil {
			return err
		}
		in := &Input{Exchange: x, Call: call}
		if !call.Group.IsZero() {
			in.Within = append(in.Within, call.Group)
		}
		done, err := run(in, body)
		settle(err)
		x.API.Observer.Command(x.operation, err, x.API.Clock().Sub(start))
		if err != nil {
			return err
		}
		outcome := OutcomeOf(done)
		answer := receipt{ID: in.About, Stream: string(done.Stream), Revision: int64(done.Revision), Outcome: outcome, CardMode: x.CardMode}
		answer.tell(done.Touched)
		if outcome == outcomeDryRun {
			answer.Effects, answer.Cost = effectsOf(done.Effects), costOf(done.Cost)
			if !in.ForPatient {
				answer.Events = done.Events
			}
		} else if done.Position.Commit > 0 {
			answer.Position = x.API.token(done.Position)
			x.W.Header().Set(headerPosition, answer.Position)
		}
		if done.Revision >= 0 {
			x.W.Header().Set("ETag", ETag(done.Revision))
		}
		return x.Reply(answer)
	}
}

// Nothing is the body of commands that take none.
type Nothing struct{}

// touchedView is an appointment that a command left as it is. It does not say whose
// it is: not everybody who may block time may see that.
type touchedView struct {
	ID        id.Appointment `json:"id"`
	Clinician id.Member      `json:"clinician"`
	Start     time.Time      `json:"start"`
	End       time.Time      `json:"end"`
	LocalDate civil.Date     `json:"localDate"`
}

// tell puts the appointments into the receipt that a command was about.
func (r *receipt) tell(t *commands.Touched) {
	if t == nil {
		return
	}
	r.AppointmentsTotal = &t.Total
	for _, h := range t.Appointments {
		r.Appointments = append(r.Appointments, touchedView{
			ID: h.Appointment, Clinician: h.Clinician, Start: h.Start, End: h.End, LocalDate: h.Date,
		})
	}
}
