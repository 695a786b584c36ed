package commands

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// MyChart is a chart as a patient or guardian sees it in the portal.
type MyChart struct {
	Group     id.Group
	GroupName string
	Chart     id.Chart
	// GivenName and FamilyName are the patient's.
	GivenName, FamilyName string
	Relation              chart.Relation
	// May is what the link allows, and Until when it ends by itself, UTC.
	May   []access.Capability
	Until time.Time
	// Treating are the clinicians on the care team, the primary first.
	Treating []Treating
}

// Treating is a clinician who treats the patient.
type Treating struct {
	Member  id.Member
	Account id.Account
	Role    careteam.Role
}

// MyChart shows a chart to an account that is linked to it, and records that it was shown:
// what cannot be recorded is not shown. The chart is read to its tail, so that a link which
// was ended or limited just now is. ok is false where no link holds. operation names the
// query in the record. Fault: "access_not_recorded".
func (e *Engine) MyChart(ctx context.Context, call Call, g id.Group, c id.Chart, operation string) (mine MyChart, ok bool, err error) {
	call.Group = g
	now := e.Clock()
	var link access.Link
	err = e.charts.view(ctx, chart.Stream(g, c), func(s chart.State, _ es.Revision) {
		if link, ok = s.LinkOf(call.Account, now); !ok {
			return
		}
		linked, _ := s.PatientAccount(call.Account)
		mine = MyChart{
			Group: g, Chart: c, GivenName: s.Patient.GivenName, FamilyName: s.Patient.FamilyName,
			Relation: linked.Relation, May: link.May, Until: link.Until,
		}
		for _, p := range s.Team().At(now).Everybody() {
			treats := p.Role == careteam.Clinician && p.Place().Holds(now) || p.Role == careteam.Primary && !s.InCustody
			if treats {
				mine.Treating = append(mine.Treating, Treating{Member: p.Member, Role: p.Role})
			}
		}
	})
	if err != nil || !ok {
		return MyChart{}, false, err
	}
	err = e.groups.view(ctx, group.Stream(g), func(s group.State, _ es.Revision) {
		mine.GroupName = s.Info()[group.FieldName]
		for i := range mine.Treating {
			m, _ := s.Member(mine.Treating[i].Member)
			mine.Treating[i].Account = m.Account
		}
	})
	if err != nil {
		return MyChart{}, false, err
	}
	capability := access.AppointmentViewOwn
	if len(link.May) > 0 {
		capability = link.May[0]
	}
	seen := Viewing{
		Chart: c, Admitted: true, OfChart: true, Capability: capability,
		Subject:  access.Subject{Kind: access.KindPatient, Account: call.Account, Group: g, Active: true, Links: []access.Link{link}},
		Decision: access.Decision{Allowed: true, Rule: access.RulePatient},
	}
	err = e.RecordView(ctx, call, seen, accesslog.RecordsViewed{Operation: operation, Section: "portal", Charts: []id.Chart{c}})
	return mine, err == nil, err
}
