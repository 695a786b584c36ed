package httpapi

import (
	"time"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// explanationView is why one member may or may not do something.
type explanationView struct {
	Member  id.Member  `json:"member"`
	Allowed bool       `json:"allowed"`
	Rule    string     `json:"rule"`
	Event   id.Event   `json:"event,omitzero"`
	Grantor id.Member  `json:"grantor,omitzero"`
	Steps   []stepView `json:"steps"`
}

type stepView struct {
	Name    string `json:"name"`
	Matched bool   `json:"matched"`
	Why     string `json:"why"`
}

func explanationOf(m commands.MemberAccess) explanationView {
	v := explanationView{Member: m.Member, Allowed: m.Allowed, Rule: m.Rule, Event: m.Event, Grantor: m.Grantor}
	for _, s := range m.Steps {
		v.Steps = append(v.Steps, stepView(s))
	}
	return v
}

// accessView answers who may, or could, do something.
type accessView struct {
	Capability access.Capability `json:"capability"`
	At         time.Time         `json:"at"`
	// GroupRevision and ChartRevision say what an answer about the past rests on.
	GroupRevision *es.Revision      `json:"groupRevision,omitempty"`
	ChartRevision *es.Revision      `json:"chartRevision,omitempty"`
	Members       []explanationView `json:"members"`
}

var errPastCalendar = fault.New(fault.Invalid, "clinician_in_the_past", "A ledger or a calendar (clinician) can be asked about for the present only. Leave out at, or clinician.")

var errWhose = fault.New(fault.Invalid, "member_required", "Say whose access is to be explained (member), or for which instant everybody's is (at).")

// explainAccess answers for one member now, or for an instant of the past.
func (a *api) explainAccess(x *exchange) error {
	call, err := x.call()
	if err != nil {
		return err
	}
	values := x.r.URL.Query()
	q := commands.AccessQuestion{Capability: access.Capability(values.Get("capability"))}
	if q.Member, err = queryID[id.Member](x, "member"); err != nil {
		return err
	}
	if q.Chart, err = queryID[id.Chart](x, "chart"); err != nil {
		return err
	}
	if q.Clinician, err = queryID[id.Member](x, "clinician"); err != nil {
		return err
	}
	at, past, err := queryInstant(x, "at")
	switch {
	case err != nil:
		return err
	case past && !q.Clinician.IsZero():
		return errPastCalendar
	case past:
		return a.explainPast(x, call, q, at)
	case q.Member.IsZero():
		return errWhose
	}
	answer, err := a.Engine.ExplainAccess(x.ctx(), call, q)
	if err != nil {
		return err
	}
	return x.reply(accessView{Capability: q.Capability, At: answer.At, Members: []explanationView{explanationOf(answer)}})
}

func (a *api) explainPast(x *exchange, call commands.Call, q commands.AccessQuestion, at time.Time) error {
	answer, err := a.Engine.AccessAsOf(x.ctx(), call, q, at)
	if err != nil {
		return err
	}
	view := accessView{Capability: q.Capability, At: answer.At, GroupRevision: &answer.Group, Members: []explanationView{}}
	if answer.Chart != es.NoStream {
		view.ChartRevision = &answer.Chart
	}
	for _, m := range answer.Members {
		view.Members = append(view.Members, explanationOf(m))
	}
	return x.reply(view)
}

// queryID reads an id from a query parameter; zero if it is not there.
func queryID[I ~[16]byte](x *exchange, name string) (v I, err error) {
	if raw := x.r.URL.Query().Get(name); raw != "" {
		v, err = parseID[I](raw)
	}
	return v, err
}

// queryInstant reads an instant from a query parameter; given is false if it is
// not there.
func queryInstant(x *exchange, name string) (at time.Time, given bool, err error) {
	raw := x.r.URL.Query().Get(name)
	if raw == "" {
		return time.Time{}, false, nil
	}
	at, err = time.Parse(time.RFC3339, raw)
	// A zone can move an instant out of the years that RFC 3339 can write.
	if year := at.UTC().Year(); err != nil || year < 1 || year > 9999 {
		return time.Time{}, false, fault.New(fault.Invalid, "malformed_instant", "An instant is written as in RFC 3339, such as 2026-03-02T14:00:00Z.")
	}
	return at.UTC(), true, nil
}
