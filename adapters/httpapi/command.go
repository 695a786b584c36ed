package httpapi

import (
	"net/http"
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
	outcomeUnchanged = "unchanged"
	outcomeDryRun    = "dry_run"
)

func outcomeOf(r commands.Receipt) string {
	switch {
	case r.Replayed:
		return outcomeReplayed
	case r.DryRun:
		return outcomeDryRun
	case len(r.Events) == 0:
		return outcomeUnchanged
	default:
		return outcomeDone
	}
}

// command makes the handler of a command: body B is decoded, run is called with
// the call, and its receipt is the answer. subject names what was made or
// changed ("" for nothing in particular).
func command[B any](run func(x *exchange, call commands.Call, body B) (subject string, r commands.Receipt, err error)) handler {
	return func(x *exchange) error {
		var body B
		if len(x.body) > 0 {
			if err := x.decode(&body); err != nil {
				return err
			}
		}
		call, err := x.call()
		if err != nil {
			return err
		}
		start := x.api.Clock()
		settle, err := x.claimKey(call)
		if err != nil {
			return err
		}
		subject, done, err := run(x, call, body)
		settle(err)
		x.api.Observer.Command(x.operation, err, x.api.Clock().Sub(start))
		if err != nil {
			return err
		}
		outcome := outcomeOf(done)
		answer := receipt{ID: subject, Stream: string(done.Stream), Revision: int64(done.Revision), Outcome: outcome, CardMode: x.cardMode}
		answer.tell(done.Touched)
		if outcome == outcomeDryRun {
			answer.Events, answer.Effects, answer.Cost = done.Events, effectsOf(done.Effects), costOf(done.Cost)
		} else if done.Position.Commit > 0 {
			answer.Position = done.Position.String()
			x.w.Header().Set(headerPosition, answer.Position)
		}
		if done.Revision >= 0 {
			x.w.Header().Set("ETag", etag(done.Revision))
		}
		return x.reply(http.StatusOK, answer)
	}
}

// nothing is the body of commands that take none.
type nothing struct{}

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
		r.Appointments = append(r.Appointments, touchedView{h.Appointment, h.Clinician, h.Start, h.End, h.Date})
	}
}
