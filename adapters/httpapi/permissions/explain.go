package permissions

import (
	"time"

	"praxis/adapters/httpapi"
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
func explainAccess(x *httpapi.Exchange) error {
	q := commands.AccessQuestion{
		Capability: access.Capability(x.InQuery("capability")),
		Member:     httpapi.QueryID[id.Member](x, "member"), Chart: httpapi.QueryID[id.Chart](x, "chart"), Clinician: httpapi.QueryID[id.Member](x, "clinician"),
	}
	at, past := httpapi.QueryInstant(x, "at")
	call, err := x.Call()
	switch {
	case err != nil:
		return err
	case past && !q.Clinician.IsZero():
		return errPastCalendar
	case past:
		return explainPast(x, call, q, at)
	case q.Member.IsZero():
		return errWhose
	}
	answer, err := x.API.Engine.ExplainAccess(x.Ctx(), call, q)
	return x.Answer(accessView{Capability: q.Capability, At: answer.At, Members: []explanationView{explanationOf(answer)}}, err)
}

func explainPast(x *httpapi.Exchange, call commands.Call, q commands.AccessQuestion, at time.Time) error {
	answer, err := x.API.Engine.AccessAsOf(x.Ctx(), call, q, at)
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
	return x.Reply(view)
}
