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

// accessView answers who may, or could, do something.
type accessView struct {
	Capability access.Capability `json:"capability"`
	At         time.Time         `json:"at"`
	// GroupRevision and ChartRevision say what an answer about the past rests on.
	GroupRevision *es.Revision            `json:"groupRevision,omitempty"`
	ChartRevision *es.Revision            `json:"chartRevision,omitempty"`
	Members       []commands.MemberAccess `json:"members"`
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
	return x.Answer(accessView{Capability: q.Capability, At: answer.At, Members: []commands.MemberAccess{answer}}, err)
}

func explainPast(x *httpapi.Exchange, call commands.Call, q commands.AccessQuestion, at time.Time) error {
	answer, err := x.API.Engine.AccessAsOf(x.Ctx(), call, q, at)
	if err != nil {
		return err
	}
	view := accessView{Capability: q.Capability, At: answer.At, GroupRevision: &answer.Group, Members: httpapi.List(answer.Members)}
	if answer.Chart != es.NoStream {
		view.ChartRevision = &answer.Chart
	}
	return x.Reply(view)
}
