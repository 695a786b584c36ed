package ledger

import (
	"strings"
	"time"

	"praxis/adapters/httpapi"
	"praxis/adapters/httpapi/names"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/id"
	"praxis/projections/accessledger"
	"praxis/projections/directory"
)

// look is one look at a chart as its patient reads it: a type of its own, so that nothing
// that is the staff's gets into it.
type look struct {
	At time.Time `json:"at"`
	// By is staff, you, another_account for others who are linked to the chart, or praxis.
	By      string `json:"by"`
	Name    string `json:"name,omitempty"`
	Role    string `json:"role,omitempty"`
	What    string `json:"what"`
	Section string `json:"section"`
	Purpose string `json:"purpose,omitempty"`
	Rule    string `json:"rule"`
	// BreakGlass says that it was emergency access.
	BreakGlass bool `json:"breakGlass,omitempty"`
}

// portalAccessReport tells the patient who looked at their chart, reads of the access log
// that named it among them.
func portalAccessReport(x *httpapi.Exchange) error {
	c, limit := httpapi.PathID[id.Chart](x, "chart"), httpapi.QueryLimit(x)
	admission, err := x.AdmitTo(accessledger.Name, commands.Question{
		Action: "portal.access_report", Capability: access.AccessReportOwn, Target: chart.Stream(x.Group(), c), Chart: c,
	}, access.Resource{Group: x.Group(), Chart: c})
	if err != nil {
		return err
	}
	found, err := accessledger.LooksAt(x.Ctx(), x.API.Pool, admission.Reach, c, x.Cursor, limit)
	if err != nil {
		return err
	}
	staff, err := staffOf(x, found.Entries)
	if err != nil {
		return err
	}
	own := string(access.KindPatient) + ":" + admission.Subject.Account.String()
	return x.Reply(struct {
		Looks []look             `json:"looks"`
		Next  httpapi.NextCursor `json:"nextCursor,omitzero"`
	}{httpapi.Views(found.Entries, func(e accessledger.Entry) look {
		l := look{
			At: e.At.UTC(), What: what(x, e), Section: e.Section, Purpose: e.Purpose, Rule: e.Rule, BreakGlass: rightOf(e, names.Found{}).BreakGlass,
		}
		switch kind, _, _ := strings.Cut(e.Actor, ":"); {
		case e.Member != nil:
			l.By, l.Name, l.Role = "staff", staff[*e.Member], e.Role
		case e.Actor == own:
			l.By = "you"
		case kind == string(access.KindPatient):
			l.By = "another_account"
		default:
			l.By = "praxis"
		}
		return l
	}), x.Next(found.Next)})
}

// staffOf are the names of the members who looked. A patient has no reach in the directory:
// they are told those of people who looked at their chart, and no other.
func staffOf(x *httpapi.Exchange, looks []accessledger.Entry) (map[id.Member]string, error) {
	var members []id.Member
	for _, e := range looks {
		if e.Member != nil {
			members = append(members, *e.Member)
		}
	}
	if len(members) == 0 {
		return nil, nil
	}
	if err := x.Await(directory.Name); err != nil {
		return nil, err
	}
	praxis := access.Subject{Kind: access.KindSystem, Group: x.Group()}
	accounts, err := directory.Accounts(x.Ctx(), x.From, access.ReachOf(praxis, access.MemberView, x.API.Clock()), members)
	if err != nil {
		return nil, err
	}
	return names.OfAccounts(x, accounts)
}
